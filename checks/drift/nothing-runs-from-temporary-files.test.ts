import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

// tsx keeps translated code in `tsx-<user>` in the folder for temporary files, runs the code that it finds there, and
// removes the folder `tsx` beside it with its contents. Everybody who may write there knows both names.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-temporary-"));
  for (const name of ["tsx", `tsx-${process.getuid?.()}`]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "of-another-user"), "");
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

const found = (): string[] => readdirSync(folder, { recursive: true }).map(String).sort();

it.each<[string, readonly string[]]>([
  ["npm start", ["node", "tools/start.mjs", "--help"]],
  ["npm run lectern", ["npm", "run", "-s", "lectern", "--", "check", "hosts/live/stages/main.yaml"]],
  ["npm run codegen:check", ["npm", "run", "-s", "codegen:check"]],
])("%s keeps no code among temporary files, and removes no other user's files there", (_, [command = "", ...args]) => {
  const before = found();
  const { TSX_DISABLE_CACHE: _own, ...env } = process.env;
  const { status, stderr } = spawnSync(command, args, { env: { ...env, TMPDIR: folder }, encoding: "utf8" });
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  expect(found()).toEqual(before);
});

it("every script that runs TypeScript turns the cache in temporary files off", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const runsTsx = Object.entries(scripts).filter(([, script]) => /\btsx\b/.test(script));
  expect(runsTsx.length).toBeGreaterThan(0);
  for (const [name, script] of runsTsx) expect(`${name}: ${script}`).toContain("TSX_DISABLE_CACHE=1 ");
});
