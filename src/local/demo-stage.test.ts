import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Seed } from "../../generated/seed.d.ts";
import { demoStage } from "./demo-stage.ts";
import { gatherSecrets } from "./stage.ts";

const access: Seed["access"] = { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "stream-key" }] };
const discord = { enabled: true, webhook: { secret: "discord-webhook" } };
const given = { hasSecrets: true, processors: 8, isExample: false, isRehearsed: false };
const notGiven = { ...given, hasSecrets: false };
const withDiscord: Seed = { notifications: { discord }, access };

describe("the demo's copy of a stage", () => {
  it("is complete if the stage needs nothing from outside", () => {
    const seed: Seed = { instance: { name: "Stage" }, access };
    expect(demoStage(seed, notGiven)).toEqual({ seed, differences: [], warnings: [] });
  });

  it("leaves out a setting if its secret for another service is missing, and names both", () => {
    expect(demoStage(withDiscord, notGiven)).toEqual({
      seed: { access },
      differences: [
        "notifications.discord is left out: the secret discord-webhook is missing; give --secrets a folder that holds it",
      ],
      warnings: [],
    });
  });

  it("keeps that setting if there is a folder of secrets", () => {
    expect(demoStage(withDiscord, given)).toEqual({ seed: withDiscord, differences: [], warnings: [] });
  });

  it("never has a setting that would send players out of its network, whatever secrets there are", () => {
    const bucket = { enabled: true, endpoint: "https://s3.example.com", bucket: "b", region: "r" };
    const objectStorage = { ...bucket, accessKey: { secret: "s3-key" }, secretKey: { secret: "s3-secret" } };
    const seed: Seed = { storage: { objectStorage, servingEndpoint: "https://cdn.example.com" }, access };
    for (const options of [given, notGiven]) {
      const { seed: run, differences } = demoStage(seed, options);
      expect(run).toEqual({ access });
      expect(differences.map((line) => line.split(" is left out: the demo's Owncast reaches no network")[0])).toEqual([
        "storage.objectStorage",
        "storage.servingEndpoint",
      ]);
    }
  });
});

describe("a stage's captions", () => {
  const declared: Seed = {
    captions: {
      tracks: [{ language: "fr", source: "push" }],
      favour: ["owncast"],
    },
    access,
  };
  const own = [{ language: "en", source: "speech" as const }];

  it("are left out without the services that make them", () =>
    expect(demoStage(declared, given)).toEqual({
      seed: { access },
      differences: ["captions are left out: give --captions to see some"],
      warnings: [],
    }));

  it("are the demo's own with --captions; words to favour stay", () =>
    expect(demoStage(declared, { ...given, captions: own })).toEqual({
      seed: { captions: { tracks: own, favour: ["owncast"] }, access },
      differences: ["captions.tracks are en: --captions"],
      warnings: [],
    }));

  it("may be the demo's own on a stage that declares none", () =>
    expect(demoStage({ access }, { ...given, captions: own }).seed).toEqual({ captions: { tracks: own }, access }));
});

describe("a stage with the demo's object storage", () => {
  const storage = { enabled: true, endpoint: "http://127.0.0.1:9000", bucket: "lectures", region: "local" };
  const sized = { width: 640, height: 360, framerate: 30, bitrateKbps: 800 };
  const three = ["a", "b", "c"].map((name) => ({ ...sized, name }));
  const bucket = "storage.objectStorage is a bucket on this machine: --storage";

  it("has it in place of the file's own, with or without a folder of secrets", () => {
    const seed: Seed = {
      storage: { objectStorage: { ...storage, bucket: "theirs", accessKey: { secret: "theirs" } } },
      access,
    };
    for (const options of [given, notGiven]) {
      const { seed: run, differences } = demoStage(seed, { ...options, storage });
      expect(run).toEqual({ storage: { objectStorage: storage }, access });
      expect(differences.at(-1)).toBe(bucket);
    }
  });

  it("plays with a latency at which Owncast deletes no listed segment, if it is the example", () => {
    const seed: Seed = { video: { latency: "low", ladder: three }, access };
    const { seed: run, differences } = demoStage(seed, { ...given, isExample: true, storage });
    expect(run.video?.latency).toBe("medium");
    expect(differences).toEqual([bucket, expect.stringMatching(/^video\.latency is medium: /)]);
  });

  it("is refused if it is a person's own and Owncast would delete listed segments", () => {
    const seed: Seed = { video: { latency: "low", ladder: three }, access };
    expect(() => demoStage(seed, { ...given, storage })).toThrow(/^video\.ladder: expected at most 2 renditions/);
  });
});

describe("a stage that --crowd rehearses", () => {
  const rehearsed = { ...given, isRehearsed: true };

  it.each<Partial<Pick<Seed, "rehearsal">>>([{}, { rehearsal: { enable: false } }])(
    "allows it, and the demo says so, if its file has %o",
    (declared) => {
      const { seed, differences } = demoStage({ ...declared, access }, rehearsed);
      expect(seed).toEqual({ rehearsal: { enable: true }, access });
      expect(differences).toEqual(["rehearsal.enable is true: --crowd rehearses the stage"]);
    },
  );

  it("is unchanged if its file allows rehearsals", () => {
    const seed: Seed = { rehearsal: { enable: true }, access };
    expect(demoStage(seed, rehearsed)).toEqual({ seed, differences: [], warnings: [] });
  });
});

describe("a ladder that is too heavy for the machine", () => {
  const fullHd = { name: "FHD", width: 1920, height: 1080, framerate: 60, bitrateKbps: 6000 };
  const heavy: Seed = { video: { latency: "low", ladder: [fullHd] }, access };

  it("is encoded with less effort if it is the example's, and the demo says so", () => {
    const { seed, differences, warnings } = demoStage(heavy, { ...given, processors: 2, isExample: true });
    expect(seed).toEqual({ video: { latency: "low", ladder: [{ ...fullHd, cpuUsage: "lowest" }] }, access });
    expect(differences).toEqual([
      "video.ladder is encoded with cpuUsage: lowest: this machine has 2 processors; the demo never changes a stage file that --seed names",
    ]);
    expect(warnings).toEqual([]);
  });

  it("is run unchanged with a warning if it is a person's own", () => {
    const { seed, differences, warnings } = demoStage(heavy, { ...given, processors: 1 });
    expect([seed, differences]).toEqual([heavy, []]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^video\.ladder may be too heavy for this machine, which has 1 processor; it takes about 4\./,
      ),
    ]);
  });

  it("is run unchanged on a machine that is fast enough, whoever wrote it", () => {
    for (const isExample of [true, false])
      expect(demoStage(heavy, { ...given, isExample })).toEqual({ seed: heavy, differences: [], warnings: [] });
  });
});

describe("secrets that a person gave", () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-demo-secrets-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  const give = (name: string, files: Readonly<Record<string, string>>) => {
    mkdirSync(at(name));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(at(name), file), text, { mode: 0o644 });
    return at(name);
  };

  it("are used, and missing ones are made; only this user may read them", async () => {
    const given = give("given", { "discord-webhook": "https://discord.test/hook\n", "stream-key": "my-key\r\n" });
    const reveal = await gatherSecrets(withDiscord, at("own"), given);
    expect([reveal("discord-webhook"), reveal("stream-key")]).toEqual(["https://discord.test/hook", "my-key"]);
    const files = readdirSync(at("own")).sort();
    expect(files).toEqual(["admin-password", "discord-webhook", "stream-key"]);
    expect(files.map((name) => statSync(join(at("own"), name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
    expect(readFileSync(join(at("own"), "stream-key"), "utf8")).toBe("my-key\n");
    expect(readdirSync(given).sort()).toEqual(["discord-webhook", "stream-key"]);
  });

  it("are refused if one is missing or unusable; the error names the person's own files", async () => {
    const given = give("faulty", { "stream-key": "abc123\n" });
    const attempt = gatherSecrets(withDiscord, at("none"), given);
    await expect(attempt).rejects.toThrow(`${join(given, "discord-webhook")}: no such file`);
    await expect(attempt).rejects.toThrow(`${join(given, "stream-key")}: holds Owncast's default`);
  });

  it("may have the rehearsal token, which is made if it is not among them, and refused if it can be guessed", async () => {
    const seed: Seed = { rehearsal: { enable: true }, access };
    const token = "t".repeat(43);
    await gatherSecrets(seed, at("with"), give("token", { "rehearsal-token": `${token}\n` }));
    expect(readFileSync(join(at("with"), "rehearsal-token"), "utf8")).toBe(`${token}\n`);
    await gatherSecrets(seed, at("without"), give("no-token", {}));
    expect(readFileSync(join(at("without"), "rehearsal-token"), "utf8")).toMatch(/^[\w-]{43}\n$/);
    const bad = give("bad-token", { "rehearsal-token": "guess\n" });
    const attempt = gatherSecrets(seed, at("refused"), bad);
    await expect(attempt).rejects.toThrow(`${join(bad, "rehearsal-token")}: is no rehearsal token`);
  });
});
