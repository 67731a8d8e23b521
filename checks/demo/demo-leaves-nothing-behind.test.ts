import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { DemoSummary } from "../../src/local/summary.ts";
import { isExhaustive, noteLeftOut, sample } from "../lib/exhaustive.ts";
import { asNpmStart, type DemoProcess, eventually, startDemo } from "../lib/process/demo-process.ts";
import { runTypeScript } from "../lib/process/lectern-command.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { withS3 } from "../lib/storage/s3-server.ts";

const endings = ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const;
const steps = [
  "Making the admin password",
  "Configuring Owncast",
  "Starting Owncast",
  "Starting Caddy",
  "Publishing a synthetic camera",
  "Waiting until every rendition plays",
  "Measuring the encoder",
  "Stop: Ctrl-C",
];

const mounts = (): string[] =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => /lectern|nsfs/.test(line));
// This file's own folder for temporary files is a mount too.
const mountsBefore = mounts();

/** A demo with one cheap rendition, so that several can run side by side. */
const startLight = (flags: readonly string[] = [], run = runTypeScript): Promise<DemoProcess> =>
  startDemo(["--seed", "checks/lib/stages/light-stage.yaml", ...flags], undefined, {}, run);

async function expectNothingLeft(demo: DemoProcess): Promise<void> {
  await demo.ended;
  await eventually(() => demo.processes().length === 0 && demo.runFolders().length === 0);
  expect({ processes: demo.processes(), folders: demo.runFolders(), mounts: mounts() }).toEqual({
    processes: [],
    folders: [],
    mounts: mountsBefore,
  });
}

interface Moment {
  readonly step: string;
  readonly ending: (typeof endings)[number];
  readonly flags?: readonly string[];
  /** Default: the Node that hosts have. */
  readonly run?: readonly string[];
}

const withMoreServers: Moment[] = [
  { step: "Waiting until viewers play by every edge", ending: "SIGKILL", flags: ["--edges", "2"] },
  { step: "Checking the bucket", ending: "SIGINT", flags: ["--storage"] },
];
const moments: Moment[] = [
  // Each step once and each ending twice with this machine's Node.
  ...steps.flatMap((step, at) =>
    endings.map((ending, index) => ({ step, ending, ...(index === at % endings.length && { run: asNpmStart }) })),
  ),
  { step: "rehearsing https://", ending: "SIGINT", flags: ["--crowd", "3", "--crowd-seconds", "600"] },
  ...(isExhaustive ? withMoreServers : []),
];

describe("a demo leaves nothing behind", () => {
  test.concurrent.each(sample("moments at which a demo is ended", moments, 3))(
    "at “$step”, after $ending",
    async ({ step, ending, flags, run }) => {
      const demo = await startLight(flags, run);
      try {
        await demo.says(step);
        // This proves that the search for processes finds some.
        expect(demo.processes().length).toBeGreaterThan(0);
        demo.child.kill(ending);
        await expectNothingLeft(demo);
      } finally {
        await demo.dispose();
      }
    },
  );
});

describe("a part that crashes", () => {
  const isUp = "Stop: Ctrl-C";
  // Some seconds earlier, every part runs already.
  const plays = isExhaustive ? isUp : "Measuring the encoder";
  const parts = [
    {
      part: "Owncast",
      step: isUp,
      command: /owncast -webserverip/,
      says: "Owncast ended by itself (SIGKILL); its last lines:",
    },
    { part: "Caddy", step: plays, command: /caddy run/, says: "Caddy ended by itself (SIGKILL); its last lines:" },
    { part: "the camera", step: plays, command: /ffmpeg .*testsrc2/, says: "the camera" },
    { part: "Owncast's encoder", step: plays, command: /ffmpeg .*-maxrate:v:0/, says: "Owncast's last words:" },
    {
      part: "the inner process",
      step: plays,
      command: /local\/inside\.ts/,
      says: "the demo's inner process was killed",
      run: asNpmStart,
    },
  ];
  test.concurrent.each(sample("parts of a demo that crash", parts, 1))(
    "$part: it is named, the demo exits 1, nothing is left",
    async ({ step, command, says, run }) => {
      const demo = await startLight([], run);
      try {
        await demo.says(step);
        // `unshare …` has the inner process's command line too. The last match is the program itself.
        const victim = demo
          .processes()
          .filter((line) => command.test(line))
          .at(-1);
        process.kill(Number(victim?.split(" ")[0]), "SIGKILL");
        await expectNothingLeft(demo);
        expect(demo.stderr()).toContain(says);
        expect(demo.child.exitCode).toBe(1);
      } finally {
        await demo.dispose();
      }
    },
  );
});

if (!isExhaustive) noteLeftOut("demos with edges and with object storage");

describe.runIf(isExhaustive)("a demo whose video is elsewhere", () => {
  test.concurrent(
    "at two edges: it proves that viewers play by both, and that the origin serves each segment once to each",
    needsNginx,
    async () => {
      const demo = await startLight(["--edges", "2", "--once", "--json"]);
      try {
        const { code } = await demo.ended;
        const { edges, report } = JSON.parse(demo.stdout() || "{}") as Partial<DemoSummary>;
        const said = demo.stderr() + demo.stdout();
        expect({ code, faults: report?.faults, edgeFaults: edges?.faults }, said).toEqual({
          ...{ code: 0, faults: [], edgeFaults: [] },
        });
        expect(edges?.edges.map(({ name }) => name)).toEqual(["paris", "tokyo"]);
        for (const { viewers, kbps, served, different, fetched } of edges?.edges ?? []) {
          expect(viewers).toBeGreaterThan(0);
          expect(kbps).toBeGreaterThan(0);
          expect(served).toBeGreaterThan(1.5 * different);
          // A demo without a cache would fetch what it serves.
          expect(fetched).toBeLessThanOrEqual(1.2 * different);
          expect(fetched).toBeGreaterThanOrEqual(different);
        }
        await expectNothingLeft(demo);
      } finally {
        await demo.dispose();
      }
    },
  );

  test.concurrent(
    "at two edges: a person drains and kills one, viewers play on by the other, and Ctrl-C ends all",
    needsNginx,
    async () => {
      const demo = await startLight(["--edges", "2"]);
      try {
        await demo.says("Stop: Ctrl-C");
        const command = (name: string): string =>
          new RegExp(`^ {2}${name}: +(.*)$`, "m").exec(demo.stdout())?.[1] ?? `there is no command "${name}"`;
        const run = (line: string): string => execFileSync("sh", ["-c", line], { encoding: "utf8" });
        const shows = (pattern: RegExp): Promise<boolean> =>
          eventually(() => pattern.test(run(command("Edges and viewers"))));
        expect(await shows(/✓ paris +up, [2-4] viewers.*\n.*✓ tokyo +up, [2-4] viewers/)).toBe(true);
        run(command("Drain it"));
        expect(await shows(/! paris +drained, 0 viewers.*\n.*✓ tokyo +up, [5-7] viewers/)).toBe(true);
        run(command("Undrain it"));
        // Only viewers that are there again can leave it when it dies.
        expect(await shows(/✓ paris +up, [2-4] viewers.*\n.*✓ tokyo +up, [2-4] viewers/)).toBe(true);
        run(command("Kill it"));
        expect(await shows(/✗ paris +does not answer.*\n.*✓ tokyo +up, [5-7] viewers/)).toBe(true);
        demo.child.kill("SIGINT");
        await expectNothingLeft(demo);
        expect(demo.child.exitCode).toBe(0);
      } finally {
        await demo.dispose();
      }
    },
  );

  test.concurrent("in object storage: it plays from a bucket that passes the check", withS3, async () => {
    const demo = await startLight(["--storage", "--once", "--json"]);
    try {
      const { code } = await demo.ended;
      const { storage, report, applied } = JSON.parse(demo.stdout() || "{}") as Partial<DemoSummary>;
      const said = demo.stderr() + demo.stdout();
      expect({ code, faults: report?.faults, isPlayed: storage?.isPlayed }, said).toEqual({
        ...{ code: 0, faults: [], isPlayed: true },
      });
      expect(applied).toContain("storage.objectStorage");
      expect(storage?.check.steps.map(({ state }) => state)).toEqual(Array(6).fill("ok"));
      await expectNothingLeft(demo);
    } finally {
      await demo.dispose();
    }
  });
});
