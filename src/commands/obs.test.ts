import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { verb } from "./obs.ts";

const streamKey = "correct=horse/battery";
let folder = "";
let printed = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lectern-obs-"));
  await writeFile(join(folder, "key"), `${streamKey}\n`);
  await writeFile(join(folder, "main.yaml"), "instance: { name: Talks }\nvideo: { latency: low, ladder: lecture }\n");
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const write = (more: Partial<Parameters<typeof verb.run>[1]> = {}) =>
  verb.run([], {
    ...{ seed: at("main.yaml"), server: "rtmp://live.example.org/live" },
    ...{ streamKeyFile: at("key"), output: at("profile") },
    ...more,
  });
const json = async (name: string) => JSON.parse(await readFile(at(`profile/${name}`), "utf8"));

it("writes a profile for the largest rendition that only its owner may read; its keyframe interval divides the segment length", async () => {
  expect(await write()).toBe(0);
  expect(await json("service.json")).toEqual({
    type: "rtmp_custom",
    settings: { server: "rtmp://live.example.org:1935/live", key: streamKey, use_auth: false, bwtest: false },
  });
  expect(await json("streamEncoder.json")).toMatchObject({ rate_control: "CBR", bitrate: 5600, keyint_sec: 2 });
  const ini = await readFile(at("profile/basic.ini"), "utf8");
  for (const line of ["[General]\nName=Talks\n", "OutputCX=1920\nOutputCY=1080\nFPSType=1\nFPSInt=30\n"])
    expect(ini).toContain(line);
  for (const name of ["service.json", "streamEncoder.json", "basic.ini"])
    expect((await stat(at(`profile/${name}`))).mode & 0o777).toBe(0o600);
});

describe("for a ladder with a passthrough rendition", () => {
  const mixed = `
video:
  latency: lowest
  ladder:
    - { name: SD, width: 640, height: 360, framerate: 25, bitrateKbps: 800, audioBitrateKbps: 96, cpuUsage: lowest }
    - { name: Source, passthrough: true }
`;
  it("assumes at least a usual camera, sets one keyframe per segment, and says that this is a guess", async () => {
    await writeFile(at("main.yaml"), mixed);
    await write();
    expect(await readFile(at("profile/basic.ini"), "utf8")).toContain(
      "OutputCX=1280\nOutputCY=720\nFPSType=1\nFPSInt=25\n",
    );
    expect(await json("streamEncoder.json")).toMatchObject({ bitrate: 2100, keyint_sec: 1 });
    expect(printed).toMatch(/This is a guess: Source is passthrough.*--size, --fps and --bitrate/);
  });

  it("uses the camera's format from the command line, and does not call it a guess", async () => {
    await writeFile(at("main.yaml"), mixed.replace("lowest", "high"));
    await write({ size: "1920x1080", fps: "50", bitrate: "7000", json: true });
    expect(JSON.parse(printed)).toMatchObject({
      ...{ width: 1920, height: 1080, framerate: 50, bitrateKbps: 7000, isGuess: false, keyframeSeconds: 4 },
    });
  });

  it("says that it guesses if the ladder has only passthrough or the seed has no ladder", async () => {
    for (const text of ["video: { ladder: [{ name: Source, passthrough: true }] }", "instance: { name: Talks }"]) {
      await writeFile(at("main.yaml"), text);
      await write({ force: true });
    }
    expect(printed.match(/This is a guess/g)).toHaveLength(2);
    expect(printed).toContain("the seed has no video.ladder");
  });
});

it("never prints the key", async () => {
  await write();
  await write({ force: true, json: true });
  expect(printed).toContain("profile/service.json");
  expect(printed).not.toContain(streamKey);
});

it("replaces an existing profile only with --force", async () => {
  await write();
  const rest = await readFile(at("profile/basic.ini"), "utf8");
  await writeFile(at("profile/service.json"), "mine");
  await expect(write()).rejects.toMatchObject({ exitCode: 1, remedy: expect.stringContaining("--force") });
  expect(await readFile(at("profile/service.json"), "utf8")).toBe("mine");
  expect(await readFile(at("profile/basic.ini"), "utf8")).toBe(rest);
  await write({ force: true });
  expect(await json("service.json")).toHaveProperty("settings.key", streamKey);
});

it("does not follow a symbolic link when it writes the key", async () => {
  await write();
  await rm(at("profile/service.json"));
  await writeFile(at("elsewhere"), "theirs");
  await symlink(at("elsewhere"), at("profile/service.json"));
  await write({ force: true });
  expect(await readFile(at("elsewhere"), "utf8")).toBe("theirs");
});

it.each([
  ["--server", { server: "rtmp://live.example.org/app/the-key" }, 64],
  ["--size", { size: "1280" }, 64],
  ["--fps", { fps: "500" }, 64],
  ["--bitrate", { bitrate: "much" }, 64],
  ["the stream key", { streamKeyFile: "/none/key" }, 1],
])("names the fault of a bad %s", async (says, wrong, exitCode) => {
  await expect(write(wrong)).rejects.toMatchObject({ exitCode, message: expect.stringContaining(says) });
  await expect(write(wrong)).rejects.not.toThrow("the-key");
});
