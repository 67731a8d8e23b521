import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { buildCargoProgram } from "./programs.mjs";

it("a failed build does not fail the set-up, and leaves nothing behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-cargo-"));
  const target = join(folder, "nixfmt");
  const options = { signal: new AbortController().signal, onWait: () => {} };
  await buildCargoProgram({ name: "nixfmt", target, cargo: "false" }, options);
  expect(existsSync(target)).toBe(false);
  rmSync(folder, { recursive: true });
});
