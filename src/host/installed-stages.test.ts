import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type TestHost, writeTestHost } from "../../checks/lib/process/installed-host.ts";
import { ExitCode } from "../lib/errors.ts";
import { findStage, readStages } from "./installed-stages.ts";
import { readTarget } from "./stage-target.ts";

let folder: string;
let host: TestHost;
const secrets = { "admin-password": "the-password-for-tests", "stream-key": "the-key-for-tests" };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-host-"));
  host = writeTestHost(folder, { stage: { instance: { pageText: "" } }, secrets });
  vi.stubEnv("LECTERN_STAGES", host.file);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("this host's stages", () => {
  it("are read with their names, in order", async () => {
    expect((await readStages()).map(({ name, domain }) => [name, domain])).toEqual([
      ["main", "live.test"],
      ["second", "second.test"],
    ]);
  });

  it("are listed in the error about an unknown stage", async () => {
    await expect(findStage("mian")).rejects.toMatchObject({
      exitCode: ExitCode.usage,
      message: 'this host has no stage "mian"',
      remedy: "its stages are: main, second",
    });
  });

  it("are missing on a machine that is not a host; the error says what to do instead", async () => {
    vi.stubEnv("LECTERN_STAGES", join(folder, "none.json"));
    await expect(findStage("main")).rejects.toMatchObject({
      exitCode: ExitCode.badInput,
      message: expect.stringContaining("none.json: no such file"),
      remedy: expect.stringContaining("--seed, --url and --secrets"),
    });
  });

  it.each([
    ["not JSON", "{", "invalid"],
    ["from another version", '{"main":{"domain":"live.test"}}', "main.seed"],
  ])("are refused, with the file's name, if the file is %s", async (_, text, says) => {
    writeFileSync(host.file, text);
    const thrown = await readStages().catch((error) => error);
    expect(thrown.exitCode).toBe(ExitCode.badInput);
    expect(thrown.message.toLowerCase()).toContain(says);
    expect(thrown.message).toContain(host.file);
  });
});

it("a host's file from a version without the gate can still be read", async () => {
  const [older] = await readStages();
  expect(older?.gateStatusSocket).toBeUndefined();
  const stages = JSON.parse(readFileSync(host.file, "utf8"));
  stages.main.gateStatusSocket = "/run/gate-main/status.sock";
  stages.main.units.gate = "lectern-main-gate.service";
  writeFileSync(host.file, JSON.stringify(stages));
  const [newer] = await readStages();
  expect([newer?.gateStatusSocket, newer?.units?.gate]).toEqual([
    "/run/gate-main/status.sock",
    "lectern-main-gate.service",
  ]);
});

describe("the target of plan and apply", () => {
  it("is the stage's seed, state folder and secrets, each secret from its own path", async () => {
    const target = await readTarget("main", { deadline: "5" });
    expect(target).toMatchObject({ url: "http://127.0.0.1:1", stateDir: host.stateDir, deadlineSeconds: 5 });
    expect(target.seed.serverUrl).toBe("https://live.test");
    expect(Object.keys(secrets).map(target.reveal)).toEqual(Object.values(secrets));
  });

  it("is not named by both a stage and options for the same values", async () => {
    const given = { deadline: "5", url: "http://127.0.0.1:2", stateDir: "/tmp" };
    await expect(readTarget("main", given)).rejects.toMatchObject({
      exitCode: ExitCode.usage,
      message: 'stage "main" and --url, --state-dir exclude each other',
    });
  });

  it("needs a stage or all three options; the error names the missing options", async () => {
    await expect(readTarget(undefined, { deadline: "5", url: "http://127.0.0.1:2" })).rejects.toMatchObject({
      exitCode: ExitCode.usage,
      message: "missing: --seed, --secrets",
    });
  });

  it("is refused if the host has no file for a secret; the error names the secret and no value", async () => {
    writeTestHost(folder, { stage: {}, secrets: { "admin-password": "the-password-for-tests" } });
    const thrown = await readTarget("main", { deadline: "5" }).catch((error) => error);
    expect(thrown.message).toContain("stream-key: no file is named for it");
    expect(thrown.message).not.toContain("for-tests");
  });

  it("needs root; the error says so to another user", async () => {
    rmSync(host.secretFile("stream-key"));
    vi.spyOn(process, "geteuid").mockReturnValue(1000);
    await expect(readTarget("main", { deadline: "5" })).rejects.toMatchObject({
      message: expect.stringContaining("no such file"),
      remedy: expect.stringContaining("as root"),
    });
    vi.restoreAllMocks();
  });
});

describe("unit names", () => {
  const golden = (host: string) => JSON.parse(readFileSync(`checks/golden/${host}/etc/lectern/stages.json`, "utf8"));
  const units: Record<string, string> = Object.assign(
    {},
    ...["one", "one-private", "one-edges", "one-captions"].map((host) => golden(host).main.units),
  );

  it("come from NixOS, and include the units that status asks about", () => {
    expect(units).toMatchObject({ server: "owncast-main.service", gate: "lectern-main-gate.service" });
  });

  it.each(["src", "docs"])("in %s exist on a host", (place) => {
    const files = readdirSync(place, { recursive: true, encoding: "utf8" }).filter((file) => /\.(ts|md)$/.test(file));
    const texts = files.map((file) => readFileSync(join(place, file), "utf8"));
    const named = texts.flatMap((text) => text.match(/\b(lectern|owncast)-(<stage>|STAGE|\*)(-[a-z]+)*/g) ?? []);
    expect(named).not.toEqual([]);
    // The first is the name of a stage's user.
    const known = ["lectern-main", ...Object.values(units).map((unit) => unit.replace(/(@\w+)?\.service$/, ""))];
    expect(named.filter((name) => !known.includes(name.replace(/<stage>|STAGE|\*/, "main")))).toEqual([]);
  });
});
