import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runVerb } from "../../checks/lib/process/run-verb.ts";
import { openDoor } from "../services/doors/door-file.ts";
import { viewersDoor } from "../services/doors/viewers-door.ts";
import { verb } from "./viewers-door.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-door-"));
  writeFileSync(join(folder, "password"), "a long evening\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (...command: string[]) =>
  runVerb(verb, ["--password-file", join(folder, "password"), "--to", folder, "--", ...command]);
/** Runs `viewers-door` with a command that succeeds. Resolves to whether the command ran. */
const tells = async () => {
  const mark = join(folder, "told");
  rmSync(mark, { force: true });
  expect(await run("touch", mark)).toMatchObject({ code: 0 });
  return existsSync(mark);
};

it("tells Caddy once about each password", async () => {
  expect([await tells(), await tells()]).toEqual([true, false]);
  writeFileSync(join(folder, "password"), "another evening\n");
  expect([await tells(), await tells()]).toEqual([true, false]);
});

it("fails if its command fails, keeps the new password, and runs the command again at the next start", async () => {
  await tells();
  const before = readFileSync(join(folder, "door.caddyfile"), "utf8");
  writeFileSync(join(folder, "password"), "another evening\n");
  for (const _ of [1, 2])
    expect(await run("false")).toMatchObject({ code: 1, stderr: expect.stringContaining("may still use") });
  expect(readFileSync(join(folder, "door.caddyfile"), "utf8")).not.toBe(before);
  expect([await tells(), await tells()]).toEqual([true, false]);
});

it("runs the command at the next start if a start was killed before the command ended", async () => {
  await openDoor({ folder, front: "caddy" }, viewersDoor("a long evening", "caddy"));
  expect([await tells(), await tells()]).toEqual([true, false]);
});
