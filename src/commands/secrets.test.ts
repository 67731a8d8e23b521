import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ExitCode } from "../lib/errors.ts";
import { verb } from "./secrets.ts";

let folder: string;
let said = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-secrets-"));
  said = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said += text;
    return true;
  });
  writeFileSync(join(folder, "main.yaml"), "access: { streamKeys: [{ secret: key-a }] }\n");
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe("lectern secrets --make", () => {
  const make = () => verb.run([], { make: true, seed: join(folder, "main.yaml"), folder: join(folder, "made") });

  it("makes missing secrets that only their owner may read, and prints their paths but never their values", async () => {
    expect(await make()).toBe(ExitCode.done);
    const files = ["admin-password", "key-a"].map((name) => join(folder, "made", name));
    expect(said).toBe(files.map((file) => `${file}\n`).join(""));
    expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(statSync(join(folder, "made")).mode & 0o777).toBe(0o700);
    expect(files.filter((file) => said.includes(readFileSync(file, "utf8").trim()))).toEqual([]);
    said = "";
    await make();
    expect(said).toBe("");
    expect(readdirSync(join(folder, "made"))).toEqual(["admin-password", "key-a"]);
  });

  it.each([
    { claim: "without a folder", args: [], options: { make: true as const, seed: "x.yaml" } },
    { claim: "with a stage", args: ["main"], options: { make: true as const, seed: "x.yaml", folder: "." } },
    { claim: "without --make and without a stage", args: [], options: {} },
  ])("refuses a call $claim as bad usage", async ({ args, options }) => {
    await expect(verb.run(args, options)).rejects.toMatchObject({ exitCode: ExitCode.usage });
  });
});
