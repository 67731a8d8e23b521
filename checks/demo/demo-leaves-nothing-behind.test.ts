import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isExhaustive, sample } from "../lib/exhaustive.ts";
import { type DemoProcess, eventually, startDemo } from "../lib/process/demo-process.ts";

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
const startLight = (...flags: string[]): Promise<DemoProcess> =>
  startDemo(["--seed", "checks/lib/stages/light-stage.yaml", ...flags]);

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
}

const moments: Moment[] = [
  ...steps.flatMap((step) => endings.map((ending) => ({ step, ending }))),
  { step: "rehearsing https://", ending: "SIGINT", flags: ["--crowd", "3", "--crowd-seconds", "600"] },
];

describe("a demo leaves nothing behind", () => {
  test.concurrent.each(sample("moments at which a demo is ended", moments, 3))(
    "at “$step”, after $ending",
    async ({ step, ending, flags = [] }) => {
      const demo = await startLight(...flags);
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
    },
  ];
  test.concurrent.each(sample("parts of a demo that crash", parts, 1))(
    "$part: it is named, the demo exits 1, nothing is left",
    async ({ step, command, says }) => {
      const demo = await startLight();
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
