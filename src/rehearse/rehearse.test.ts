import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Http2ServerResponse } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it as plainIt } from "vitest";
import { isExhaustive, sample } from "../../checks/lib/exhaustive.ts";
import { testCertificates } from "../../checks/lib/process/certificates.ts";
import { type LiveServer, startLiveServer } from "../../checks/lib/stream/live-server.ts";
import type { RehearsalReport } from "./rehearsal-report.ts";
import { rehearsalLines } from "./rehearsal-text.ts";
import { type RehearsalOptions, rehearse } from "./rehearse.ts";
import { defaultLimits } from "./verdict.ts";

let folder: string;
let caFile: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-rehearse-"));
  caFile = join(folder, "ca.pem");
  writeFileSync(caFile, testCertificates.authority);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a test with a live stage of its own, which changes beforehand as `set` says. */
async function onStage(set: Partial<LiveServer>, test: (live: LiveServer) => Promise<void>): Promise<void> {
  const live = await startLiveServer();
  try {
    await test(Object.assign(live, { segmentSeconds: 0.5, ...set }));
  } finally {
    await live.stop();
  }
}

// Lenient, so that a busy machine passes: most of these tests are about something else.
const lenient = { ...defaultLimits, startSeconds: 20, segmentShare: 10, stallsPerViewerHour: 1e5, rebufferShare: 1 };

const options = (live: LiveServer, rest: Partial<RehearsalOptions> = {}): RehearsalOptions => ({
  ...{
    url: live.url,
    token: "a-token-for-rehearsals-in-tests",
    viewers: 4,
    durationSeconds: 2.5,
    rampSeconds: 0.4,
    adaptive: false,
  },
  ...{ encodings: [{ name: "chrome", share: 1 }], pageShare: 0, chatUsers: 0, caFile, limits: lenient },
  resolve: [{ host: "stage.test", port: Number(new URL(live.url).port), address: "127.0.0.1" }],
  ...rest,
});

const failedChecks = ({ checks }: RehearsalReport): string[] =>
  checks.filter(({ outcome }) => outcome === "failed").map(({ name }) => name);

/** Waits for as long as a busy machine takes. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(20);
}

const segmentsAsked = (live: LiveServer): string[] => live.requests.filter((request) => request.endsWith(".ts"));

const asked = (pattern: RegExp, times: number) => (live: LiveServer) =>
  live.requests.filter((request) => pattern.test(request)).length >= times;

interface Course {
  readonly rest?: Partial<RehearsalOptions> | undefined;
  /** Changes the stage when it has been watched for a moment. */
  readonly meanwhile?: Partial<LiveServer> | undefined;
  /** Ends the rehearsal. */
  readonly ends: (live: LiveServer) => boolean;
}

/** Rehearses until the test has seen enough, so that no test depends on the speed of the machine. Such a report has no verdict. */
async function rehearseUntil(live: LiveServer, { rest, meanwhile, ends }: Course): Promise<RehearsalReport> {
  const enough = new AbortController();
  const running = rehearse(options(live, { durationSeconds: 600, signal: enough.signal, ...rest }));
  const failed = running.then(() => false);
  if (meanwhile) {
    await Promise.race([failed, until(() => segmentsAsked(live).length >= 8)]);
    Object.assign(live, meanwhile);
  }
  await Promise.race([failed, until(() => ends(live))]);
  enough.abort();
  return running;
}

const twoRenditions = [
  { height: 720, kbps: 400 },
  { height: 360, kbps: 100 },
];

const it = plainIt.concurrent;
const itAtLength = plainIt.runIf(isExhaustive).concurrent;

describe("a rehearsal", () => {
  it("measures what the viewers get, in a table", () =>
    onStage({}, async (live) => {
      const ends = asked(/\.ts$/, 40);
      const report = await rehearseUntil(live, { ends });
      const text = rehearsalLines(report).join("\n");
      expect(failedChecks(report), text).toEqual([]);
      expect(text).toMatch(/– {2}time to the first frame \(p95\) +\d+\.\d\d s +20\.0 s\n/);
      expect(text).toMatch(/\nviewers +4 came, 4 saw a frame \(4 on 720p\)\n/);
      expect(text).toMatch(/\nsegments +\d+ \(Content-Encoding none \d+\)\n/);
      expect(text).toMatch(/\n✗ no verdict on https:\/\/stage\.test:\d+: the rehearsal ended after \d+ of 600 s$/);
      // Three segments of half a second, and what the newest one has taken so far.
      expect(report.measured.behindSeconds?.p50).toBeGreaterThan(0.5);
    }));

  it("asks as a player does: the master once, each new segment once, the requests of Owncast's page", () =>
    onStage({ segmentSeconds: 1 }, async (live) => {
      const count = (pattern: RegExp) => live.requests.filter((request) => pattern.test(request)).length;
      // The report comes after 10 s, the second ping after 8.
      const ends = () =>
        (isExhaustive ? count(/^POST/) >= 1 : count(/^GET \/api\/ping$/) >= 1) && segmentsAsked(live).length >= 5;
      const { ranSeconds, measured } = await rehearseUntil(live, { rest: { viewers: 1 }, ends });
      const segments = segmentsAsked(live);
      expect(new Set(segments).size).toBe(segments.length);
      expect(segments.length).toBeGreaterThanOrEqual(5);
      const numbers = segments.map((path) => Number(/-(\d+)\.ts$/.exec(path)?.[1]));
      // Each one, unless this machine was so busy that some left the playlist.
      expect(1 + numbers.at(-1)! - numbers[0]! - numbers.length).toBe(measured.skippedSegments);
      // One look and the viewer.
      expect(count(/^GET \/hls\/stream\.m3u8$/)).toBe(2);
      // Never more often than Owncast's page; and not less often, but for what is due in the last second.
      const expectEvery = (seconds: number, first: number, pattern: RegExp) => {
        expect(count(pattern), `${pattern}`).toBeLessThanOrEqual(first + ranSeconds / seconds);
        expect(count(pattern), `${pattern}`).toBeGreaterThanOrEqual(first + Math.floor((ranSeconds - 1) / seconds));
      };
      expectEvery(4, 0, /^GET \/api\/ping$/);
      expectEvery(5, 2, /^GET \/api\/status$/);
      expectEvery(10, 0, /^POST \/api\/metrics\/playback$/);
    }));

  itAtLength(
    "waits for the last segment's length after a changed playlist, for half the target duration after an unchanged one",
    () =>
      onStage({}, async (live) => {
        const polls = () => live.times.filter((_, at) => live.requests[at] === "GET /hls/0/stream.m3u8");
        // The first one is the look's, and the viewer's are new, new, the same, new, the same, …
        const version = () => Math.floor((polls().length - 1) / 2);
        live.special = (path, answer) => {
          if (path !== "/hls/0/stream.m3u8") return;
          const head = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${version()}\n`;
          answer.end(
            `${head}#EXTINF:1.5,\nstream-live-1.ts\n#EXTINF:1.5,\nstream-live-2.ts\n#EXTINF:0.3,\nstream-live-3.ts\n`,
          );
          return true;
        };
        await rehearseUntil(live, { rest: { viewers: 1 }, ends: () => polls().length >= 9 });
        const [, ...own] = polls();
        const pauses = own.slice(1).map((time, at) => ({ ms: time - own[at]!, isNew: at % 2 === 1 || at === 0 }));
        // A busy machine is late, but not each time, and nothing is too early.
        const shortest = (isNew: boolean) =>
          Math.min(...pauses.filter((one) => one.isNew === isNew).map(({ ms }) => ms));
        expect([shortest(true), shortest(false)].map((ms) => Math.floor(ms / 100) / 10)).toEqual([
          expect.toSatisfy((seconds: number) => seconds >= 0.3 && seconds < 0.9),
          expect.toSatisfy((seconds: number) => seconds >= 1 && seconds < 1.9),
        ]);
      }),
  );

  it("splits viewers over renditions and browsers, each with its own connection and program", () =>
    onStage({ renditions: twoRenditions }, async (live) => {
      const split = [
        { name: "720p", share: 0.25 },
        { name: "360p", share: 0.75 },
      ];
      const encodings = [
        { name: "firefox", share: 0.5 },
        { name: "safari", share: 0.5 },
      ];
      const agents = () => [...live.userAgents].filter((agent) => agent.includes("lectern-rehearsal/"));
      let most = 0;
      // All have come, and watched for a while.
      const ends = () => {
        most = Math.max(most, live.connections());
        return agents().length === 8 && segmentsAsked(live).length > 60;
      };
      const { measured } = await rehearseUntil(live, { rest: { viewers: 8, split, encodings }, ends });
      expect(measured.viewersByRendition).toEqual({ "720p": 2, "360p": 6 });
      expect([agents().length, agents().filter((agent) => agent.includes("Firefox")).length]).toEqual([8, 4]);
      // One each, and perhaps the look's, which ends at that time.
      expect([8, 9]).toContain(most);
    }));

  it("lets adaptive viewers rise from the lowest rendition to what their line carries", () =>
    onStage({ renditions: twoRenditions }, async (live) => {
      const onBest = () => segmentsAsked(live).filter((path) => path.startsWith("GET /hls/0/")).length;
      const ends = () => onBest() >= 8;
      const { measured, plan } = await rehearseUntil(live, { rest: { viewers: 1, adaptive: true }, ends });
      expect(measured.viewersByRendition).toEqual({ "720p": 1, "360p": 0 });
      expect(measured.renditionChanges).toBe(1);
      expect(plan.split).toBeUndefined();
      const numbers = segmentsAsked(live).map((path) => /-(\d+)\.ts$/.exec(path)?.[1]);
      expect(new Set(numbers).size).toBe(numbers.length);
    }));

  it("loads the page first, as many of the viewers as it was told, and lets some chat", () =>
    onStage({}, async (live) => {
      const count = (path: string) => live.requests.filter((request) => request === path).length;
      const rest = { pageShare: 0.5, chatUsers: 2 };
      const report = await rehearseUntil(live, { rest, ends: asked(/\.ts$/, 60) });
      expect(["GET /", "GET /a.js", "GET /b.css", "GET /api/config"].map(count)).toEqual([2, 2, 2, 3]);
      expect(live.requests.indexOf("GET /a.js")).toBeGreaterThan(live.requests.indexOf("GET /"));
      expect(report.measured.pageSeconds).toBeDefined();
      const { chatUsersJoined, chatMessagesSent, chatMessagesBack } = report.measured;
      expect({ chatUsersJoined, chatMessagesSent, chatMessagesBack }, rehearsalLines(report).join("\n")).toEqual({
        ...{ chatUsersJoined: 2, chatMessagesSent: 2, chatMessagesBack: 2 },
      });
      expect(failedChecks(report)).toEqual([]);
    }));

  it("counts viewers whose page never comes as waiting", () =>
    onStage({ silent: /^\/a\.js$/ }, async (live) => {
      const limits = { ...lenient, startSeconds: 0.5 };
      const rest = { pageShare: 0.5, rampSeconds: 0.01, limits };
      const report = await rehearseUntil(live, { rest, ends: asked(/\.ts$/, 12) });
      expect(report.measured).toMatchObject({ viewersCame: 4, viewersStarted: 2, errors: 0 });
      expect(failedChecks(report)).toContain("time to the first frame (p95)");
    }));

  itAtLength("ends when it is interrupted while viewers still come, also if nothing is answered", () =>
    onStage({}, async (live) => {
      const rest = { viewers: 50, rampSeconds: 20 };
      const ends = () => live.connections() >= 5;
      const report = await rehearseUntil(live, { rest, meanwhile: { silent: /./ }, ends });
      expect(report).toMatchObject({ verdict: "unfinished", earlyEnd: { kind: "interrupted" } });
      expect(report.measured.viewersCame).toBeLessThan(50);
      await until(() => live.connections() === 0);
    }),
  );

  it("ends when it is interrupted, leaves no connection behind, and asks nothing more", () =>
    onStage({}, async (live) => {
      const report = await rehearseUntil(live, { ends: () => segmentsAsked(live).length > 12 });
      expect(report).toMatchObject({ verdict: "unfinished", earlyEnd: { kind: "interrupted" } });
      expect(report.measured.segments).toBeGreaterThan(4);
      await until(() => live.connections() === 0);
      const before = live.requests.length;
      await sleep(600);
      expect(live.requests.length).toBe(before);
    }));
});

interface BadStage extends Partial<Course> {
  readonly fault: string;
  readonly set?: Partial<LiveServer>;
  readonly failed?: readonly string[];
  readonly cause: RegExp;
}

const badStages: readonly BadStage[] = [
  {
    fault: "segments that come slower than they play",
    set: { segmentShare: 1.4 },
    rest: { limits: defaultLimits, rampSeconds: 0.01 },
    ends: asked(/\.ts$/, 24),
    failed: ["stalls per viewer-hour", "stalled share of the time", "segment time of its length (p95)"],
    cause: /^video reaches the viewers too slowly/,
  },
  {
    fault: "a server that compresses video",
    set: { segmentEncoding: "zstd" },
    failed: ["segments compressed again"],
    cause: /compresses video again .*zstd 100 %/,
  },
  {
    fault: "an Owncast that went down",
    meanwhile: { statusCode: 502, frozen: true },
    ends: asked(/\/api\/status$/, 14),
    failed: ["failed requests"],
    cause: /^Owncast was down from \d+ s to the end \(\/api\/status: status 502\)$/,
  },
  {
    fault: "a stage whose segments are missing",
    set: { segmentStatus: 404 },
    failed: ["viewers who saw a frame", "failed requests"],
    cause: /^requests failed: segment: status 404 \(\d+ times\)$/,
  },
  {
    fault: "a chat that nobody can join",
    set: { chatStatus: 403 },
    rest: { chatUsers: 1 },
    failed: ["chat users who are in the chat"],
    cause: /^requests failed: chat: status 403/,
  },
  {
    fault: "torn playlists",
    meanwhile: { torn: 3 },
    ends: ({ torn }) => torn === 0,
    failed: ["torn playlists"],
    cause: /^\d of \d+ playlists were torn/,
  },
];

describe("a rehearsal names", () => {
  it.each(sample("faults that a rehearsal names", badStages, 5))(
    "$fault",
    ({ set = {}, failed = [], cause, ends = asked(/\.ts$/, 16), ...course }) =>
      onStage(set, async (live) => {
        const report = await rehearseUntil(live, { ends, ...course });
        const text = rehearsalLines(report).join("\n");
        expect(failedChecks(report), text).toEqual(expect.arrayContaining([...failed]));
        expect(report.causes.map(({ message }) => message)).toContainEqual(expect.stringMatching(cause));
      }),
  );

  it("a stream that ends midway, by which it fails", () =>
    onStage({}, async (live) => {
      const report = await rehearseUntil(live, { meanwhile: { ended: true, online: false }, ends: () => false });
      expect(report).toMatchObject({ verdict: "failed", earlyEnd: { kind: "stream-ended" } });
      expect(rehearsalLines(report).at(-3)).toMatch(/^! the stream ended \d+ s after the rehearsal's start$/);
    }));
});

type Special = NonNullable<LiveServer["special"]>;

/** Answers each request for such a path. */
const at =
  (pattern: RegExp, respond: (answer: Http2ServerResponse) => void): (() => Special) =>
  () =>
  (path, answer) => {
    if (!pattern.test(path)) return;
    respond(answer);
    return true;
  };

const master = /^\/hls\/stream\.m3u8$/;

describe("a rehearsal is refused", () => {
  it.each<[string, number, RegExp, Partial<LiveServer>, Partial<RehearsalOptions>]>([
    ["with a wrong token", 77, /refuses this rehearsal token/, {}, { token: "another-token-for-rehearsals" }],
    [
      "by a stage that does not allow it",
      77,
      /does not allow rehearsals: .*rehearsal\.enable/,
      { permission: 404 },
      {},
    ],
    ["by another kind of host", 77, /does not allow rehearsals \(it answers 200\)/, { permission: 200 }, {}],
    ["by a stage that leads elsewhere", 77, /does not allow rehearsals \(it answers 302\)/, { permission: 302 }, {}],
    ["if the stage is down", 69, /answers 502 when asked for permission/, { permission: 502 }, {}],
    ["if Owncast is down", 69, /status answers 503/, { statusCode: 503 }, {}],
    ["if nobody publishes", 2, /is off the air: nobody publishes/, { online: false }, {}],
    ["if the stream is over", 2, /is off the air: nobody publishes/, { ended: true }, {}],
    ["if the stage is private", 77, /is private$/, { statusCode: 401 }, {}],
    [
      "if the playlists lead to another host",
      77,
      /lead to https:\/\/elsewhere\.example: a rehearsal loads only the host that allows it/,
      { segmentPrefix: "https://elsewhere.example/" },
      {},
    ],
    [
      "for a rendition that is not there",
      64,
      /no rendition 1080p; it has 720p/,
      {},
      { split: [{ name: "1080p", share: 1 }] },
    ],
    ["without a trusted certificate", 69, /its certificate is not trusted/, {}, { caFile: undefined }],
  ])("%s", (_, exitCode, message, set, rest) =>
    onStage(set, async (live) => {
      await expect(rehearse(options(live, rest))).rejects.toMatchObject({
        exitCode,
        message: expect.stringMatching(message),
      });
      // Nobody loads video from a stage that has not allowed it.
      expect(segmentsAsked(live)).toEqual([]);
      await until(() => live.connections() === 0);
    }),
  );

  it("before anything else is asked", () =>
    onStage({ permission: 403 }, async (live) => {
      await expect(rehearse(options(live))).rejects.toThrow();
      expect(live.requests).toEqual(["GET /.well-known/lectern-rehearsal"]);
    }));

  it.each([[/rehearsal/], [/status/], [/m3u8/]])("by Ctrl-C while nothing answers at %s", (silent) =>
    onStage({ silent }, async (live) => {
      const asked = new AbortController();
      const failed = expect(rehearse(options(live, { signal: asked.signal }))).rejects.toMatchObject({
        exitCode: 1,
        message: "the rehearsal was interrupted before it began",
      });
      await until(() => live.requests.some((request) => silent.test(request)));
      asked.abort();
      await failed;
      await until(() => live.connections() === 0);
    }),
  );

  it("by a host that is down", async () => {
    let gone: RehearsalOptions | undefined;
    await onStage({}, async (live) => {
      gone = options(live);
    });
    await expect(rehearse(gone!)).rejects.toMatchObject({ exitCode: 69, message: /connection refused/ });
  });
});

describe("a rehearsal ends by itself", () => {
  itAtLength("when the stage withdraws its token", () =>
    onStage({}, async (live) => {
      const report = await rehearseUntil(live, {
        meanwhile: { token: "another-token-for-rehearsals" },
        ends: () => false,
      });
      const message = `${live.url} refuses this rehearsal token`;
      expect(report).toMatchObject({ verdict: "unfinished", earlyEnd: { kind: "not-allowed", message } });
      expect(rehearsalLines(report).at(-3)).toBe(`! ${message}`);
      await until(() => live.connections() === 0);
    }),
  );

  itAtLength("when nobody has published for 45 s, by which the stage fails", () =>
    onStage({}, async (live) => {
      const meanwhile = { online: false, frozen: true };
      const report = await rehearseUntil(live, { meanwhile, ends: () => false });
      expect(report).toMatchObject({ verdict: "failed", earlyEnd: { kind: "stream-ended" } });
      expect(report.causes[0]?.message).toMatch(/^the stage was off the air from \d+ s to the end: nobody published$/);
    }),
  );

  itAtLength.each<[string, () => Special]>([
    ["no response", at(/status/, () => {})],
    [
      "a response byte by byte",
      at(master, (answer) => {
        const timer = setInterval(() => answer.write("#"), 100);
        answer.on("close", () => clearInterval(timer));
      }),
    ],
  ])("before it begins, on a stage that gives %s", (_, special) =>
    onStage({ special: special() }, async (live) => {
      await expect(rehearse(options(live))).rejects.toMatchObject({ exitCode: 69, message: /no response in time$/ });
      await until(() => live.connections() === 0);
    }),
  );
});

/** A host that nobody may visit. */
let third: { readonly origin: string; visits: number; stop(): void };
beforeAll(async () => {
  const server = createServer((socket) => {
    third.visits += 1;
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  third = { origin: `https://127.0.0.1:${port}`, visits: 0, stop: () => server.close() };
});
afterAll(() => third.stop());

/** Sends as long as somebody reads. */
function sendForEver(answer: Http2ServerResponse, piece: string): void {
  const more = () => {
    while (!answer.stream?.destroyed && answer.write(piece));
  };
  answer.on("drain", more);
  more();
}

const entry = "#EXT-X-STREAM-INF:BANDWIDTH=1000\n0/stream.m3u8\n";
const medium = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n";
// 4 MB of line ends.
const bomb = gzipSync(Buffer.alloc(4 * 1024 * 1024, "\n"));

describe("a hostile stage cannot keep or lead away a rehearsal", () => {
  it.each<[string, number, RegExp, () => Special]>([
    ["an endless playlist", 69, /longer than 262144 bytes/, at(master, (answer) => sendForEver(answer, entry))],
    [
      "100,000 renditions",
      69,
      /longer than 262144 bytes/,
      at(master, (answer) => answer.end(`#EXTM3U\n${entry.repeat(100_000)}`)),
    ],
    ["33 renditions", 2, /it lists 33 renditions/, at(master, (answer) => answer.end(`#EXTM3U\n${entry.repeat(33)}`))],
    [
      "no rendition",
      2,
      /it names no rendition/,
      at(master, (answer) => answer.end('#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="b"\nhello\n')),
    ],
    [
      "5,001 segments",
      2,
      /it lists 5001 segments/,
      at(/0\/stream\.m3u8$/, (answer) => answer.end(`${medium}${"#EXTINF:1,\na.ts\n".repeat(5001)}`)),
    ],
    [
      "escape sequences for the terminal",
      2,
      /^[^\p{Cc}]*$/u,
      at(/0\/stream\.m3u8$/, (answer) => answer.end(`${medium}#EXTINF:,\n\x1b[2J\x9b2J.ts\n`)),
    ],
    [
      "a redirect to another host",
      2,
      /the server answers 302/,
      at(master, (answer) => answer.writeHead(302, { location: `${third.origin}/` }).end()),
    ],
    [
      "renditions on another host",
      77,
      /lead to https:\/\/127\.0\.0\.1:\d+: a rehearsal loads only the host that allows it/,
      at(master, (answer) =>
        answer.end(`#EXTM3U\n${entry.replace("0/", `${third.origin.slice("https:".length)}/0/`)}`),
      ),
    ],
    [
      "a thousand headers",
      69,
      /cut off/,
      at(master, (answer) => {
        for (let each = 0; each < 1000; each++) answer.setHeader(`x-${each}`, "x".repeat(1000));
        answer.end("#EXTM3U\n");
      }),
    ],
  ])("by %s, before it begins", (_, exitCode, message, special) =>
    onStage({ special: special() }, async (live) => {
      await expect(rehearse(options(live))).rejects.toMatchObject({
        exitCode,
        message: expect.stringMatching(message),
      });
      expect(segmentsAsked(live)).toEqual([]);
      await until(() => live.connections() === 0);
      expect(third.visits).toBe(0);
    }),
  );

  itAtLength.each<[string, RegExp, () => Special]>([
    [
      "a playlist that is 4 MB when unpacked",
      /^playlist: its compression cannot be read$/,
      at(/m3u8$/, (answer) => answer.writeHead(200, { "content-encoding": "gzip" }).end(bomb)),
    ],
    [
      "segments that redirect to another host",
      /^segment: status 302$/,
      at(/ts$/, (answer) => answer.writeHead(302, { location: `${third.origin}/a.ts` }).end()),
    ],
    [
      "a page that redirects to another host",
      /^page: status 302$/,
      at(/^\/$/, (answer) => answer.writeHead(302, { location: third.origin }).end()),
    ],
  ])("by %s, while it runs", (_, kind, special) =>
    onStage({}, async (live) => {
      const rest: Partial<RehearsalOptions> = { durationSeconds: 2.5, pageShare: 1, viewers: 8, rampSeconds: 2 };
      const meanwhile = { special: special() };
      const report = await rehearseUntil(live, { rest, meanwhile, ends: () => false });
      expect(report.measured.errorKinds.map((each) => each.kind)).toContainEqual(expect.stringMatching(kind));
      expect(third.visits).toBe(0);
    }),
  );

  it("by a playlist that leads to another host while it runs: it ends", () =>
    onStage({}, async (live) => {
      const meanwhile = { segmentPrefix: `${third.origin}/` };
      const report = await rehearseUntil(live, { meanwhile, ends: () => false });
      expect(report).toMatchObject({ verdict: "unfinished", earlyEnd: { kind: "not-allowed" } });
      expect(report.earlyEnd?.message).toContain(`lead to ${third.origin}`);
      await until(() => live.connections() === 0);
      expect(third.visits).toBe(0);
    }));

  itAtLength("by a target duration of a microsecond: nobody asks more than five times a second", () =>
    onStage({}, async (live) => {
      const count = () => live.requests.filter((request) => request === "GET /hls/0/stream.m3u8").length;
      const list = "#EXTM3U\n#EXT-X-TARGETDURATION:0.000001\n#EXTINF:0.000001,\nstream-live-1.ts\n";
      live.special = at(/0\/stream\.m3u8$/, (answer) => answer.end(list))();
      const { ranSeconds } = await rehearseUntil(live, { rest: { viewers: 1 }, ends: () => count() >= 6 });
      expect(count()).toBeLessThanOrEqual(2 + ranSeconds * 5);
    }),
  );
});
