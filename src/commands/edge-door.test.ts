import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runVerb } from "../../checks/lib/process/run-verb.ts";
import { verb } from "./edge-door.ts";

let folder: string;
const secret = `${"a".repeat(30)}-_Z9`;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-door-"));
  writeFileSync(join(folder, "secret"), `${secret}\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (reader: string) =>
  runVerb(verb, ["--secret-file", join(folder, "secret"), "--to", folder, "--for", reader, "--", "true"]);

it.each([
  ["caddy", "door.caddyfile", `"~^${secret} ([0-9A-Fa-f:.]{2,45})$" "\${1}"`],
  ["nginx", "door.nginx", `"~^${secret}$" 1;`],
  ["edge", "door.nginx", `"" ${secret};`],
])("for %s it writes %s, which others cannot read", async (reader, name, line) => {
  expect(await run(reader)).toMatchObject({ code: 0, stdout: "" });
  expect(readFileSync(join(folder, name), "utf8").split("\n")).toContain(line);
  expect(statSync(join(folder, name)).mode & 0o007).toBe(0);
});

it.each([
  ["is short", "x".repeat(21)],
  ["is long", "x".repeat(129)],
  ["means something in a pattern", `${"x".repeat(30)}.*`],
  ["has a quote", `${"x".repeat(30)}" 1;`],
])("a secret that %s closes the door, and is never printed", async (_, wrong) => {
  await run("nginx");
  expect(existsSync(join(folder, "door.nginx"))).toBe(true);
  writeFileSync(join(folder, "secret"), wrong);
  const { code, stdout, stderr } = await run("nginx");
  expect([code, stdout, stderr.includes(wrong)]).toEqual([65, "", false]);
  expect(existsSync(join(folder, "door.nginx"))).toBe(false);
});
