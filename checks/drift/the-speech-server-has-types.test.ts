import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { needs } from "../lib/needs.ts";

const folder = join(import.meta.dirname, "../../speech");
// Kept, because mypy without its cache takes five times as long.
const cache = join(import.meta.dirname, "../../.cache/mypy");

const { CHECKS_PYTHON: python, SPEECH: engines } = process.env;

/** What a checker says about the server; empty if it is content. */
const complaints = (...args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(python ?? "", ["-B", "-m", ...args], { cwd: folder }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });

describe("the speech server's Python", () => {
  test("passes pyflakes", needs(Boolean(python), "pyflakes → npm run test:drift sets it up"), async () => {
    expect(await complaints("pyflakes", ".")).toBe("");
  });

  test(
    "passes mypy",
    needs(Boolean(python && engines), "mypy and the engines → npm run test:drift sets them up"),
    async () => {
      const flags = ["--config-file", "mypy.ini", "--no-error-summary", "--cache-dir", cache];
      expect(await complaints("mypy", ...flags, "--python-executable", engines ?? "", ".")).toBe("");
    },
  );
});
