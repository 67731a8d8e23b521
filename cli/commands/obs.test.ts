import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
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

it("writes a profile for the largest rendition, with keyframes that divide its segments, for its owner's eyes alone", async () => {
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

it("never prints the key", async () => {
  await write();
  await write({ force: true, json: true });
  expect(printed).toContain("profile/service.json");
  expect(printed).not.toContain(streamKey);
});

it("leaves a profile that is there as it is, unless it is forced", async () => {
  await write();
  const rest = await readFile(at("profile/basic.ini"), "utf8");
  await writeFile(at("profile/service.json"), "mine");
  await expect(write()).rejects.toMatchObject({ exitCode: 1, remedy: expect.stringContaining("--force") });
  expect(await readFile(at("profile/service.json"), "utf8")).toBe("mine");
  expect(await readFile(at("profile/basic.ini"), "utf8")).toBe(rest);
  await write({ force: true });
  expect(await json("service.json")).toHaveProperty("settings.key", streamKey);
});

it("does not write the key through a link", async () => {
  await write();
  await rm(at("profile/service.json"));
  await writeFile(at("elsewhere"), "theirs");
  await symlink(at("elsewhere"), at("profile/service.json"));
  await write({ force: true });
  expect(await readFile(at("elsewhere"), "utf8")).toBe("theirs");
});

it.each([
  ["--server", { server: "rtmp://live.example.org/app/the-key" }, 64],
  ["the stream key", { streamKeyFile: "/none/key" }, 1],
])("says what is wrong with %s", async (says, wrong, exitCode) => {
  await expect(write(wrong)).rejects.toMatchObject({ exitCode, message: expect.stringContaining(says) });
  await expect(write(wrong)).rejects.not.toThrow("the-key");
});
