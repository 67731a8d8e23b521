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

  it("makes a key for each interpreter and a token for each captioner, and nothing for other caption tracks", async () => {
    const tracks = [
      "{ language: en, source: speech }",
      "{ language: pt-BR, source: interpreter }",
      "{ language: es, source: translation, from: en }",
      "{ language: de, source: push }",
    ];
    writeFileSync(join(folder, "main.yaml"), `captions:\n  tracks: [${tracks.join(", ")}]\n`);
    await make();
    const own = ["captions-token-de", "interpreter-key-pt-BR"];
    expect(readdirSync(join(folder, "made"))).toEqual(["admin-password", ...own, "stream-key"]);
    for (const name of own) {
      expect(readFileSync(join(folder, "made", name), "utf8")).toMatch(/^[\w-]{43}\n$/);
      expect(statSync(join(folder, "made", name)).mode & 0o777).toBe(0o600);
    }
  });

  it.each([
    { claim: "without a folder", args: [], options: { make: true as const, seed: "x.yaml" } },
    { claim: "with a stage", args: ["main"], options: { make: true as const, seed: "x.yaml", folder: "." } },
    { claim: "without --make and without a stage", args: [], options: {} },
  ])("refuses a call $claim as bad usage", async ({ args, options }) => {
    await expect(verb.run(args, options)).rejects.toMatchObject({ exitCode: ExitCode.usage });
  });
});

describe("lectern secrets STAGE", () => {
  const show = async (token: string | undefined, captions: Readonly<Record<string, string>> = {}) => {
    const own = ["interpreter-key-fr", "captions-token-de"];
    const files = Object.fromEntries(
      ["admin-password", "stream-key", "rehearsal-token", ...own].map((name) => [name, join(folder, name)]),
    );
    for (const name of own) writeFileSync(files[name] ?? "", captions[name] ?? `value-of-${name}\n`);
    writeFileSync(files["admin-password"] ?? "", "hunter2hunter2\n");
    writeFileSync(files["stream-key"] ?? "", "a-stream-key\n");
    if (token !== undefined) writeFileSync(files["rehearsal-token"] ?? "", token);
    writeFileSync(join(folder, "main.json"), `${JSON.stringify(seed)}\n`);
    const secrets = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, { file, generated: true }]));
    const stage = { domain: "one.test", owncastUrl: "http://127.0.0.1:1", stateDir: folder, user: "nobody" };
    writeFileSync(
      join(folder, "stages.json"),
      JSON.stringify({ main: { ...stage, seed: join(folder, "main.json"), secrets } }),
    );
    vi.stubEnv("LECTERN_STAGES", join(folder, "stages.json"));
    return verb.run(["main"], {}).catch((error: unknown) => error);
  };
  const seed = {
    access: { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "stream-key" }] },
    rehearsal: { enable: true },
    captions: {
      tracks: [
        { language: "fr", source: "interpreter" },
        { language: "de", source: "push" },
      ],
    },
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

  it.each([
    ["interpreter-key-fr", "", "is empty", "lectern-main-gate-keys"],
    ["captions-token-de", "a\nb\n", "one line", "lectern-main-captions"],
  ])("fails if %s cannot be used, and names the unit to restart", async (name, text, says, unit) => {
    expect(await show("t".repeat(43), { [name]: text })).toMatchObject({
      exitCode: ExitCode.failed,
      message: expect.stringMatching(new RegExp(`/${name}: .*${says}`)),
      remedy: expect.stringContaining(`systemctl restart ${unit}`),
    });
  });
});
