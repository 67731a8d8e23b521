import { chownSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LineReport } from "../../src/rehearse/link.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { type BusyViewer, busyViewer } from "../lib/far/busy-viewer.ts";
import { ensureConclusive } from "../lib/far/conclusive.ts";
import { needs } from "../lib/needs.ts";
import { type LiveHost, startLiveHost } from "../lib/process/live-host.ts";
import type { VerbOutcome } from "../lib/process/run-verb.ts";
import { untilOnline } from "../lib/stream/owncast-state.ts";

const small = { name: "S", width: 320, height: 180, framerate: 15, bitrateKbps: 400, cpuUsage: "lowest" };
const stage = {
  instance: { name: "Hosted", pageText: "" },
  video: { latency: "lowest", ladder: [small] },
  integrations: {
    accessTokens: {
      list: [
        { name: "chat", scopes: ["send-messages"] },
        { name: "title", scopes: ["admin"] },
      ],
    },
  },
};

let host: LiveHost;
const told: VerbOutcome[] = [];
const lectern = async (...args: string[]): Promise<VerbOutcome> => {
  const one = await host.lectern(...args);
  told.push(one);
  return one;
};
/** The public response of `/api/status`. */
const shown = async () =>
  (await (await fetch(`${host.owncastUrl}/api/status`)).json()) as { streamTitle: string; online: boolean };
const statusOf = async (name = "main") => {
  const { code, stdout } = await lectern("status", name, "--json");
  return { code, ...JSON.parse(stdout).stages[0] };
};
beforeAll(async () => {
  host = await startLiveHost(stage);
});
afterAll(() => host?.stop());

describe("while the stage is off air", () => {
  test("status says so, and that all is well", async () => {
    expect(await statusOf()).toMatchObject({
      ...{ code: 0, name: "main", domain: "live.test" },
      onAir: { state: "offline", since: null, viewers: 0, drift: [], waiting: [], untold: [] },
    });
    const { code, stdout } = await lectern("status", "main");
    expect(code).toBe(0);
    expect(stdout).toContain("offline; nobody has published since the server started\n  title: none\n  drift: none\n");
  });

  test("status counts and names drift, and exits 2; plan shows it and apply corrects it, by the stage's name", async () => {
    await host.admin("config/name", { value: "Clicked" });
    // The seed does not hold this setting, so it is no drift.
    await host.admin("config/nsfw", { value: true });
    expect(await statusOf()).toMatchObject({ code: 2, onAir: { drift: ["instance.name"] } });
    expect((await lectern("status", "main")).stdout).toContain(
      "drift: 1 setting: instance.name (`lectern plan main` shows what)",
    );
    const planned = await lectern("plan", "main");
    expect(planned.code).toBe(2);
    expect(planned.stdout).toContain('  ~ instance.name: "Clicked" → "Hosted" (takes effect: now)\n');
    const applied = await lectern("apply", "main");
    expect(applied.code).toBe(0);
    expect(applied.stdout).toContain(
      'instance\n  ~ instance.name: "Clicked" → "Hosted" (takes effect: now) ✓\n\n1 setting changed\n',
    );
    expect((await lectern("plan", "main")).code).toBe(0);
  });

  test("a stage without a server gives exit code 69 and the reason, beside the stages that respond", async () => {
    const { code, stdout } = await lectern("status", "--deadline", "5");
    expect(code).toBe(69);
    expect(stdout).toMatch(/^main {2}https:\/\/live\.test\n {2}offline;/m);
    expect(stdout).toMatch(/^second {2}https:\/\/second\.test\n {2}✗ http:\/\/127\.0\.0\.1:1: /m);
  });
});

// Only root can give a file to another user.
const asRoot = needs(process.getuid?.() === 0, "root → sudo npm test");
test("apply as root gives tokens to the state folder's owner", asRoot, async () => {
  const tokens = join(host.stateDir, "tokens");
  for (const folder of [host.stateDir, tokens]) chownSync(folder, 65_534, 65_534);
  const file = join(tokens, "title");
  rmSync(file);
  const { code, stderr } = await lectern("apply", "main");
  expect({ code, said: stderr.includes(`an access token is in ${file}`) }).toEqual({ code: 0, said: true });
  const { uid, mode } = statSync(file);
  expect({ uid, mode: mode & 0o777 }).toEqual({ uid: 65_534, mode: 0o600 });
});

describe("while a camera is on air", () => {
  let camera: Awaited<ReturnType<LiveHost["goLive"]>>;
  beforeAll(async () => {
    camera = await host.goLive();
  });
  afterAll(() => camera?.stop());

  test("status says that it is live, since when and with how many viewers", async () => {
    const { code, onAir } = await statusOf();
    expect({ code, ...onAir }).toMatchObject({ code: 0, state: "live", viewers: 0, drift: [], waiting: [] });
    expect(Date.now() - Date.parse(onAir.since)).toBeLessThan(600_000);
    expect(onAir.untold).toEqual(["access.streamKeys"]);
  });

  test.runIf(isExhaustive)(
    "status --viewers names the viewer whose line is too slow, by its network alone",
    async (context) => {
      const viewers: BusyViewer[] = [];
      const said: VerbOutcome[] = [];
      const lines: LineReport[] = [];
      try {
        viewers.push(await busyViewer({ roundTripMs: 250, mbps: 0.2, congestion: "cubic", number: 1 }));
        viewers.push(await busyViewer({ roundTripMs: 30, mbps: 5, congestion: "reno", number: 2 }));
        said.push(await lectern("status", "main", "--viewers", "--json"));
        said.push(await lectern("status", "main", "--viewers"));
      } finally {
        for (const viewer of viewers) lines.push(await viewer.stop());
      }
      ensureConclusive(context, ...lines);
      const [{ code = 1, stdout = "" } = {}, { stdout: text = "" } = {}] = said;
      const { stages, viewers: seen } = JSON.parse(stdout);
      expect({ code, stages }).toMatchObject({ code: 0, stages: [{ name: "main" }] });
      expect(seen, JSON.stringify({ seen, lines })).toMatchObject({
        ...{ http3: false, faults: [], stages: [{ name: "main", isLive: true, counted: 0, renditionsKbps: [400] }] },
        lines: {
          ...{ connections: 2, addresses: 2, withVideo: 2, gone: 0, smallestKbps: 400, belowBest: 0 },
          ...{ congestion: { cubic: 1, reno: 1 }, cannotKeepUp: [{ network: "10.77.1.0/24", limitedBy: "line" }] },
        },
      });
      const [slow] = seen.lines.cannotKeepUp;
      expect(slow.roundTripMs).toBeGreaterThanOrEqual(250);
      expect(slow.kbps).toBeGreaterThan(50);
      expect(slow.kbps).toBeLessThan(210);
      expect(stdout).not.toContain("10.77.1.2");
      expect(text).toMatch(/^viewers {2}port 443, seen for 1\d s$/m);
      expect(text).toContain("✗ 1 cannot keep up: always busy, and slower than the smallest rendition (400 kbit/s)");
      expect(text).toContain("→ this host sends with cubic; set net.ipv4.tcp_congestion_control to bbr");
      expect(text).not.toContain("10.77.1.2");
    },
  );

  test("status --viewers and --watch exclude each other", async () => {
    expect(await lectern("status", "main", "--viewers", "--watch")).toMatchObject({ code: 64, stdout: "" });
  });

  test("status marks a change that waits for the next stream, with the present and the next value", async () => {
    await host.admin("config/video/streamlatencylevel", { value: 2 });
    const next = { ...small, bitrateKbps: 500 };
    await host.admin("config/video/streamoutputvariants", { value: [variant(next)] });
    await untilOnline(host.owncastUrl);
    const { onAir, code } = await statusOf();
    expect(code).toBe(2);
    expect(onAir.drift).toEqual(["video.latency", "video.ladder"]);
    expect(onAir.waiting).toEqual([
      { path: "video.latency", running: "lowest", next: "medium" },
      { path: "video.ladder", running: [small], next: [next] },
    ]);
    const { stdout } = await lectern("status", "main");
    expect(stdout).toContain('waiting for the next stream: video.latency: "lowest" → "medium"\n');
    expect(stdout).toContain("waiting for the next stream: video.ladder: S: bitrateKbps 400 → 500\n");
    await lectern("apply", "main");
    expect((await statusOf()).onAir).toMatchObject({ drift: [], waiting: [] });
  });
});

describe("the running title", () => {
  test("is set with the declared admin token, is public, and is no drift", async () => {
    expect(await lectern("title", "main", "Questions & <answers> ü")).toMatchObject({
      code: 0,
      stdout: "the title is set\n",
    });
    expect((await shown()).streamTitle).toBe("Questions & <answers> ü");
    expect(await statusOf()).toMatchObject({ code: 0, onAir: { title: "Questions & <answers> ü", drift: [] } });
    expect((await lectern("title", "main", "")).stdout).toBe("the title is cleared\n");
    expect((await shown()).streamTitle).toBe("");
  });

  test("can be set from any machine with the token's file, but not with a token of another scope", async () => {
    const at = (name: string) => ["--url", host.owncastUrl, "--token-file", join(host.stateDir, "tokens", name)];
    expect((await lectern("title", ...at("title"), "From afar")).code).toBe(0);
    const refused = await lectern("title", ...at("chat"), "Not this");
    expect(refused).toMatchObject({ code: 77, stderr: expect.stringContaining("its scope is not admin") });
    expect((await shown()).streamTitle).toBe("From afar");
  });

  test("without such a token in the seed, the error says how to declare one", async () => {
    const { code, stderr } = await lectern("title", "second", "x");
    expect(code).toBe(1);
    expect(stderr).toContain("declares no access token with the scope admin");
    expect(stderr).toContain("integrations: { accessTokens: { list: [{ name: title, scopes: [admin] }] } }");
  });
});

test("secrets prints each file's path and which were generated; no command prints a value", async () => {
  const { code, stdout } = await lectern("secrets", "main");
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^stream-key +${host.secretFile("stream-key")} +generated +present +0600$`, "m"));
  expect(stdout).toMatch(
    new RegExp(`^title +${join(host.stateDir, "tokens/title")} +made by Owncast +present +0600$`, "m"),
  );
  const tokens = ["chat", "title"].map((name) => readFileSync(join(host.stateDir, "tokens", name), "utf8").trim());
  const values = [...host.canaries, ...tokens];
  // The scan itself works: it finds the paths in the output, so it would find a value.
  const all = told.map((one) => one.stdout + one.stderr).join("\n");
  expect(all).toContain(host.secretFile("stream-key"));
  expect(values.filter((value) => value.length < 10 || all.includes(value))).toEqual([]);
});

const variant = ({ name, width, height, framerate, bitrateKbps }: typeof small) => ({
  ...{ name, scaledWidth: width, scaledHeight: height, framerate, videoBitrate: bitrateKbps, cpuUsageLevel: 0 },
  ...{ videoPassthrough: false, audioPassthrough: true, audioBitrate: 0 },
});
