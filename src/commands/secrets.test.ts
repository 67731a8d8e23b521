import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ExitCode } from "../lib/errors.ts";
import { rehearsalTokenIn } from "../viewer/rehearsal-token.ts";
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

  it("makes what is missing for its owner alone, says where, and never what", async () => {
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

  it("makes a rehearsal token only for a stage that allows rehearsals: 256 random bits", async () => {
    writeFileSync(join(folder, "main.yaml"), "rehearsal: { enable: true }\n");
    await make();
    expect(readdirSync(join(folder, "made"))).toEqual(["admin-password", "rehearsal-token", "stream-key"]);
    const file = join(folder, "made", "rehearsal-token");
    expect(Buffer.from(await rehearsalTokenIn(file), "base64url")).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, "main.yaml"), "rehearsal: { enable: false }\n");
    rmSync(file);
    await make();
    expect(readdirSync(join(folder, "made"))).toEqual(["admin-password", "stream-key"]);
  });

  it.each([
    { claim: "without a folder", args: [], options: { make: true as const, seed: "x.yaml" } },
    { claim: "with a stage", args: ["main"], options: { make: true as const, seed: "x.yaml", folder: "." } },
    { claim: "neither asked to make nor for a stage", args: [], options: {} },
  ])("$claim is refused as bad usage", async ({ args, options }) => {
    await expect(verb.run(args, options)).rejects.toMatchObject({ exitCode: ExitCode.usage });
  });
});

describe("lectern secrets STAGE", () => {
  const show = async (token: string | undefined) => {
    const files = Object.fromEntries(
      ["admin-password", "stream-key", "rehearsal-token"].map((name) => [name, join(folder, name)]),
    );
    writeFileSync(files["admin-password"] ?? "", "hunter2hunter2\n");
    writeFileSync(files["stream-key"] ?? "", "a-stream-key\n");
    if (token !== undefined) writeFileSync(files["rehearsal-token"] ?? "", token);
    writeFileSync(join(folder, "main.json"), `${JSON.stringify({ ...seedAccess, rehearsal: { enable: true } })}\n`);
    const secrets = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, { file, generated: true }]));
    const stage = { domain: "one.test", owncastUrl: "http://127.0.0.1:1", stateDir: folder, user: "nobody" };
    writeFileSync(
      join(folder, "stages.json"),
      JSON.stringify({ main: { ...stage, seed: join(folder, "main.json"), secrets } }),
    );
    vi.stubEnv("LECTERN_STAGES", join(folder, "stages.json"));
    return verb.run(["main"], {}).catch((error: unknown) => error);
  };
  const seedAccess = {
    access: { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "stream-key" }] },
  };
  afterEach(() => vi.unstubAllEnvs());

  it("shows where the rehearsal token is, and not the token", async () => {
    const token = "t".repeat(43);
    expect(await show(token)).toBe(ExitCode.done);
    expect(said).toMatch(/^rehearsal-token +\/.*\/rehearsal-token +generated +present/m);
    expect(said).not.toContain(token);
  });

  it.each<[string, string | undefined, string]>([
    ["is missing", undefined, "no such file"],
    ["can be guessed", "short", "is no rehearsal token"],
  ])("fails if the token %s, and says how to get one", async (_, token, says) => {
    expect(await show(token)).toMatchObject({
      exitCode: ExitCode.failed,
      message: expect.stringContaining(says),
      remedy: expect.stringContaining("systemctl restart lectern-main-rehearsal"),
    });
  });
});
