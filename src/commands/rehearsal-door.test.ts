import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runVerb } from "../../checks/lib/process/run-verb.ts";
import { verb } from "./rehearsal-door.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-door-"));
  writeFileSync(join(folder, "token"), `${"a".repeat(43)}\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (...command: string[]) =>
  runVerb(verb, ["--token-file", join(folder, "token"), "--to", folder, "--", ...command]);
const door = () => join(folder, "door.caddyfile");

it("Caddy is told once of each token, and again after a reload that failed", async () => {
  const mark = join(folder, "told");
  const tells = async () => {
    rmSync(mark, { force: true });
    expect(await run("touch", mark)).toMatchObject({ code: 0 });
    return existsSync(mark);
  };
  expect([await tells(), await tells()]).toEqual([true, false]);
  writeFileSync(join(folder, "token"), `${"b".repeat(43)}\n`);
  expect(await run("false")).toMatchObject({ code: 1, stderr: expect.stringContaining("may still use an old secret") });
  expect([await tells(), await tells()]).toEqual([true, false]);
});

it.each<[string, string]>([
  ["can be guessed", "x".repeat(21)],
  ["is longer than a header should be", "x".repeat(129)],
  ["has a placeholder of Caddy's", `{env.HOME}${"x".repeat(30)}`],
  ["has a wildcard of Caddy's", `${"x".repeat(30)}*`],
  ["has a quote", `${"x".repeat(30)}" 204`],
  ["is two words", `${"x".repeat(30)} ${"y".repeat(30)}`],
])("a token that %s closes the door, and is never printed", async (_, token) => {
  await run();
  expect(readFileSync(door(), "utf8")).toContain("a".repeat(43));
  writeFileSync(join(folder, "token"), token);
  const { code, stdout, stderr } = await run("true");
  expect([code, stdout, stderr.includes(token)]).toEqual([65, "", false]);
  expect(stderr).toContain("no rehearsal is allowed");
  expect(existsSync(door())).toBe(false);
});
