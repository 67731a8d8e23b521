import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = process.cwd();
const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { encoding: "utf8" }).trim().split("\n");
const sources = tracked.filter((file) => /\.(ts|mjs)$/.test(file) && !file.startsWith("generated/"));
const read = (file: string): string => readFileSync(join(root, file), "utf8");

test("every generated file has a consumer", () => {
  const names = tracked.filter((file) => file.startsWith("generated/") && !file.startsWith("generated/seeds/"));
  const others = tracked.filter(
    (file) => !file.startsWith("generated/") && !/\.(png|lock)$/.test(file) && !file.startsWith("checks/drift/"),
  );
  const texts = others.map(read);
  const unused = names.filter((name) => !texts.some((text) => text.includes(name)));
  expect(unused).toEqual([]);
});

test("the lock file names no registry", () => {
  expect(read("package-lock.json")).not.toMatch(/"resolved":\s*"https?:/);
});

/** The files that may read the wall clock, and why. All others measure durations, and somebody may set the wall clock meanwhile. */
const readsTheWallClock = new Map([
  ["src/commands/status.ts", "says how long ago something was"],
  ["src/local/waiting-block.ts", "says how long ago something was"],
  ["src/host/stage-status.ts", "whether a certificate has expired"],
  ["src/host/stage-storage.ts", "compares with the dates in playlists, which this machine wrote"],
  ["src/host/stage-watch.ts", "compares with the time of Owncast's log"],
  ["src/publish/frame-pacer.ts", "paints the time into the picture"],
  ["src/viewer/viewer.ts", "compares with the time in the picture"],
  ["src/rehearse/stage-watch.ts", "compares with the server's time and the dates in playlists"],
  ["src/services/captions/caption-stage.ts", "names a session by its start"],
  ["src/services/captions/track-sources.ts", "compares sound and text with the dates in playlists"],
  ["src/owncast/client/off-air.ts", "compares with Owncast's time, once"],
]);

test("durations are measured with a clock that cannot be set", () => {
  const programs = sources.filter((file) => /^(src|tools)\//.test(file) && !file.endsWith(".test.ts"));
  const readers = programs.filter((file) => /\bDate\.now\b/.test(read(file)));
  expect(readers.sort()).toEqual([...readsTheWallClock.keys()].sort());
});
