import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { freePort } from "../../src/lib/free-port.ts";
import { onPath } from "../../src/lib/programs.ts";
import { startCaddy } from "../../src/local/caddy.ts";
import type { Part } from "../../src/local/part.ts";
import type { DemoSummary } from "../../src/local/summary.ts";
import { isExhaustive, noteLeftOut, sample } from "../lib/exhaustive.ts";
import { asNpmStart, startDemo } from "../lib/process/demo-process.ts";
import { runTypeScript } from "../lib/process/lectern-command.ts";
import { runLectern } from "../lib/process/run-verb.ts";

let folder: string;
const at = (name: string): string => join(folder, name);
const stage = "checks/lib/stages/light-stage.yaml";
const needed = ["node", "unshare", "setpriv", "flock", "ip", "mount", "sh", "true"] as const;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-lacks-"));
  for (const name of ["data", "home"]) mkdirSync(at(name), { mode: 0o700 });
  writeFileSync(at("no-program"), "");
  writeFileSync(at("garbage"), "\u007fELF of another machine");
  chmodSync(at("garbage"), 0o755);
  execFileSync("mkfifo", [at("pipe.yaml")]);
  for (const missing of needed) {
    mkdirSync(at(`without-${missing}`));
    for (const name of needed) if (name !== missing) symlinkSync(onPath(name) ?? "", at(`without-${missing}/${name}`));
  }
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** What a Caddyfile, a shell and a unit read as their own signs, and letters of other scripts. */
const oddName = `a "b'c\` {d} {$HOME} %e\\f é 漢`;

interface Lack {
  readonly lack: string;
  readonly environment?: () => NodeJS.ProcessEnv;
  readonly seed?: () => string;
  readonly flags?: readonly string[];
  readonly says: RegExp;
  readonly code?: number;
}

test.each<Lack>([
  ...(["unshare", "setpriv", "flock", "ip"] as const).map((name) => ({
    lack: `without ${name}`,
    environment: () => ({ PATH: at(`without-${name}`) }),
    says: new RegExp(`not found on PATH: ${name}\\n {2}→ install (util-linux|iproute2)`),
  })),
  {
    lack: "with an Owncast that nobody may run",
    environment: () => ({ OWNCAST: at("no-program") }),
    says: /OWNCAST=\S+ is not a program/,
  },
  {
    lack: "with an ffmpeg that is a folder",
    environment: () => ({ FFMPEG: at("home") }),
    says: /FFMPEG=\S+ is not a program/,
  },
  {
    lack: "with an ffmpeg that does not run",
    environment: () => ({ FFMPEG: at("garbage") }),
    says: /FFMPEG: \S+ does not run/,
  },
  {
    lack: "with a Caddy that does not run",
    environment: () => ({ CADDY: at("garbage") }),
    says: /CADDY: \S+ does not run/,
  },
  {
    lack: "without the nginx of its edges",
    environment: () => ({ NGINX: "", PATH: at("without-true") }),
    flags: ["--edges", "2"],
    says: /nginx was not found\n {2}→ on Debian `npm start -- --edges 2` fetches it by itself; elsewhere install nginx, or set NGINX/,
  },
  {
    lack: "with an nginx that does not run",
    environment: () => ({ NGINX: at("garbage") }),
    flags: ["--edges", "2"],
    says: /NGINX: \S+ does not run/,
  },
  {
    lack: "without the server of its object storage",
    environment: () => ({ VERSITYGW: "", PATH: at("without-true") }),
    flags: ["--storage"],
    says: /versitygw was not found\n {2}→ run `npm start -- --storage`, which builds it by itself, or set VERSITYGW/,
  },
  { lack: "with a stage file that is a pipe", seed: () => at("pipe.yaml"), says: /pipe\.yaml:1:1: /, code: 65 },
  { lack: "with a folder for a stage file", seed: () => folder, says: /expected a stage file/, code: 65 },
])(
  "$lack: it exits before it starts anything, says so with a remedy, and leaves nothing",
  async ({ environment = () => ({}), seed, flags = [], says, code = 1 }) => {
    for (const [name, value] of Object.entries({ XDG_CACHE_HOME: at("home"), ...environment() }))
      vi.stubEnv(name, value);
    const outcome = await runLectern(["demo", "--once", "--seed", seed?.() ?? stage, ...flags]);
    expect(outcome).toMatchObject({ code, stderr: expect.stringMatching(says) });
    expect(outcome.stderr).not.toMatch(/\n\s+at |goroutine/);
    expect(existsSync(at("home/lectern"))).toBe(false);
  },
);

test.each([
  { flags: "--crowd 0", says: "--crowd 0: expected a whole number of viewers from 1 to 1000" },
  { flags: "--crowd 50 --no-camera", says: "--crowd needs the camera: leave out --no-camera" },
  { flags: "--crowd-seconds 60", says: "--crowd-seconds needs --crowd, the number of viewers" },
  { flags: "--crowd 50 --crowd-seconds 0", says: "--crowd-seconds 0: expected a number of seconds above 0" },
])("with $flags, it refuses a crowd that cannot come", async ({ flags, says }) => {
  const { code, stderr } = await runLectern(["demo", "--seed", stage, ...flags.split(" ")]);
  expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining(says) });
});

const exclude = "exclude each other";
test.each([
  { flags: "--edges 0", says: "--edges 0: expected a whole number of edges from 1 to 4" },
  { flags: "--edges five", says: "--edges five: expected a whole number of edges from 1 to 4" },
  { flags: "--edges 2 --storage", says: `--edges and --storage ${exclude}: players load the video from the storage` },
  { flags: "--edges 2 --crowd 5", says: `--crowd and --edges ${exclude}: a rehearsal loads only the server` },
  { flags: "--storage --crowd 5", says: `--crowd and --storage ${exclude}: a rehearsal loads only the server` },
])("with $flags, it says why that does not work", async ({ flags, says }) => {
  const { code, stderr } = await runLectern(["demo", "--seed", stage, ...flags.split(" ")]);
  expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining(says) });
});

test("a person's own stage whose segments Owncast would delete too early gets no object storage", async () => {
  const sized = "width: 320, height: 180, framerate: 15, bitrateKbps: 400";
  const ladder = ["a", "b"].map((name) => `    - { name: ${name}, ${sized} }\n`).join("");
  writeFileSync(
    at("deleted.yaml"),
    `instance: { name: D, pageText: "" }\nvideo:\n  latency: lowest\n  ladder:\n${ladder}`,
  );
  const { code, stderr } = await runLectern(["demo", "--storage", "--seed", at("deleted.yaml")]);
  expect({ code, stderr }).toEqual({ code: 65, stderr: expect.stringContaining("expected at most 1 rendition") });
});

test("on a full disk, it says how much space it needs, and leaves nothing behind", () => {
  const line = `mount -t tmpfs -o size=1m,mode=700 none "$0" && XDG_CACHE_HOME="$0" "$@" 2>&1; find "$0" -name 'lectern-demo-*'`;
  const lectern = [process.execPath, "--import", "tsx", "src/main.ts", "demo", "--once", "--seed", stage];
  const said = execFileSync("unshare", ["--mount", "sh", "-c", line, at("home"), ...lectern], { encoding: "utf8" });
  expect(said).toMatch(/: [01] MB are free there; the demo takes 100 MB.*\n {2}→ make room there/);
  expect(said).not.toMatch(/\/lectern-demo-/);
});

describe("several Caddys that start at once without an authority", () => {
  test.each(sample("rounds of Caddys that start at once", [1, 2, 3, 4, 5, 6, 7, 8], 1))(
    "agree on one, so that each demo's page is trusted (round %i)",
    async (round) => {
      const servers: Server[] = [];
      const parts: Part[] = [];
      const caddyDir = join(at(oddName), `caddy-${round}`);
      const start = async (name: string) => {
        const dir = join(at(oddName), `run-${round}-${name}`);
        mkdirSync(dir, { recursive: true });
        const owncast = createServer((_, response) => response.end("{}"));
        servers.push(owncast);
        const ports = {
          https: await freePort(),
          admin: await freePort(),
          owncast: await freePort(),
        };
        await once(owncast.listen(ports.owncast, "127.0.0.1"), "listening");
        await startCaddy({ folder: dir, caddyDir, ports, parts }, `127.0.0.1:${ports.owncast}`);
      };
      try {
        await Promise.all(["a", "b", "c", "d"].map(start));
      } finally {
        for (const part of parts) await part.stop();
        for (const server of servers) server.closeAllConnections();
        for (const server of servers) server.close();
      }
    },
  );
});

describe("a stage that names other services", () => {
  const written = `
instance: { name: Services, pageText: "" }
notifications:
  discord: { enabled: true, webhook: { secret: discord-webhook }, goLiveMessage: Live! }
storage:
  objectStorage:
    { enabled: true, endpoint: "https://s3.invalid", bucket: b, region: r, accessKey: { secret: a }, secretKey: { secret: s } }
`;
  const noStorage = "storage.objectStorage is left out: the demo's Owncast reaches no network";
  const noDiscord = "notifications.discord is left out: the secret discord-webhook is missing";

  // demo-stage.test.ts also proves that a service without secrets is left out.
  const demos = [
    {
      claim: "runs without them, and names each",
      flags: (): string[] => [],
      leftOut: [noStorage, noDiscord],
      run: asNpmStart,
    },
    {
      claim: "runs with those whose secrets are given",
      flags: () => ["--secrets", at("given")],
      leftOut: [noStorage],
      applied: "  notifications.discord\n",
      run: runTypeScript,
    },
  ];
  if (!isExhaustive) noteLeftOut(`${demos.length} demos of a stage that names other services`);
  beforeAll(() => {
    writeFileSync(at("services.yaml"), written);
    mkdirSync(at("given"), { recursive: true });
    writeFileSync(at("given/discord-webhook"), "https://discord.invalid/hook\n");
  });
  test.runIf(isExhaustive).concurrent.each(demos)("$claim", async ({ flags, leftOut, applied = "", run }) => {
    const demo = await startDemo(["--no-camera", "--seed", at("services.yaml"), ...flags()], undefined, {}, run);
    try {
      await demo.says("Stop: Ctrl-C");
      const shown = demo
        .stdout()
        .split("\n")
        .filter((line) => line.includes("is left out"));
      expect(shown.map((line) => leftOut.find((start) => line.trim().startsWith(start)))).toEqual(leftOut);
      for (const line of leftOut) expect(demo.stderr()).toContain(line);
      expect(demo.stdout()).toContain(applied);
    } finally {
      await demo.dispose();
    }
  });

  test("with a missing folder of secrets is refused before any server starts", async () => {
    const { code, stderr } = await runLectern(["demo", "--once", "--seed", stage, "--secrets", at("nowhere")]);
    expect(code).toBe(64);
    expect(stderr).toContain(`--secrets ${at("nowhere")}: no folder that can be read`);
  });

  test("with a folder that lacks a secret is refused, with the file's name", async () => {
    mkdirSync(at("empty"), { recursive: true });
    const demo = await startDemo(["--once", "--seed", at("services.yaml"), "--secrets", at("empty")]);
    expect(await demo.ended).toEqual({ code: 1, signal: null });
    expect(demo.stderr()).toContain(`${at("empty/discord-webhook")}: no such file`);
    await demo.dispose();
  });
});

describe("a whole demo plays, and a crowd rehearses it", () => {
  const places: [string, () => string, readonly string[]][] = [
    [
      "in folders with quotes, blanks, placeholders and letters of other scripts",
      () => at(`home of ${oddName}`),
      asNpmStart,
    ],
    [
      "without a home folder that it can write, whose authority it then makes for itself",
      () => "/proc/nobodys",
      runTypeScript,
    ],
  ];
  // Below such a folder the sample runs Caddy alone; demo-leaves-nothing-behind has its whole demos with a crowd.
  if (!isExhaustive) noteLeftOut(`${places.length} homes of a whole demo`);
  test.runIf(isExhaustive).concurrent.each(places)("%s", async (_, place, run) => {
    const home = place();
    if (home.startsWith(folder)) mkdirSync(home, { mode: 0o700 });
    const environment = { XDG_CACHE_HOME: undefined, XDG_DATA_HOME: undefined, HOME: home };
    const crowd = ["--crowd", "3", "--crowd-seconds", "5", "--json"];
    const demo = await startDemo(["--once", "--seed", stage, ...crowd], undefined, environment, run);
    try {
      const { code } = await demo.ended;
      const said = demo.stderr() + demo.stdout();
      const summary = JSON.parse(demo.stdout() || "{}") as Partial<DemoSummary>;
      expect({ faults: summary.report?.faults, came: summary.crowd?.measured.viewersStarted }, said).toEqual({
        ...{ faults: [], came: 3 },
      });
      // On a busy machine the crowd's times say nothing about the stage, but the exit code is that of its verdict.
      const { verdict = "unfinished" } = summary.crowd ?? {};
      expect(code, said).toBe({ passed: 0, failed: 2, spoilt: 1, unfinished: undefined }[verdict]);
      expect(demo.stderr().includes("makes an authority for this run only")).toBe(!home.startsWith(folder));
      expect({ folders: demo.runFolders(), processes: demo.processes() }).toEqual({ folders: [], processes: [] });
    } finally {
      await demo.dispose();
    }
  });
});
