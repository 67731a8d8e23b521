import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runVerb } from "../../checks/lib/process/run-verb.ts";
import { ExitCode } from "../lib/errors.ts";
import type { CapacityReport } from "../rehearse/capacity-text.ts";
import { usualCosts } from "../rehearse/costs.ts";
import { verb } from "./capacity.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-capacity-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const lecture = "hosts/live/stages/main.yaml";
const usual = { "--seed": lecture, "--viewers": "200", "--hours": "3", "--nic": "1000", "--cores": "4" };
/** The usual question, with some options changed; undefined leaves one out. */
const ask = (changed: Record<string, string | undefined> = {}, ...flags: string[]) =>
  runVerb(verb, [
    ...Object.entries({ ...usual, ...changed }).flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
    ...flags,
  ]);
const askJson = async (changed: Record<string, string | undefined> = {}): Promise<CapacityReport> =>
  JSON.parse((await ask(changed, "--json")).stdout) as CapacityReport;

it("answers with the numbers and a verdict, and with exit code 0 if the machine carries all", async () => {
  const { code, stdout } = await ask();
  expect(code).toBe(ExitCode.done);
  expect(stdout).toMatch(/^ {2}set in OBS +1920x1080, 30 frames\/s, 5,600 kbit\/s \(CBR\), a keyframe every 2 s/m);
  expect(stdout).toMatch(/^ {2}egress +[\d,]+ of 1,000 Mbit\/s at the peak/m);
  expect(stdout).toMatch(/^✓ carries [\d,]+ viewers of 200: the network is the limit/m);
  expect(stdout).not.toContain("What helps");
});

it("names what ends first and what helps, with exit code 2, if it does not", async () => {
  const { code, stdout } = await ask({ "--viewers": "2000" });
  expect(code).toBe(ExitCode.differs);
  expect(stdout).toMatch(/^✗ carries [\d,]+ viewers of 2,000: the network is the limit/m);
  expect(stdout).toMatch(/What helps:\n(.*\n)*.*edges or a CDN/);
});

it("a ladder that is too much for the machine is named, not its viewers", async () => {
  const { code, stdout } = await ask({ "--cores": "0.5" });
  expect(code).toBe(ExitCode.differs);
  expect(stdout).toMatch(/^✗ the ladder alone is too much for 0\.5 processors$/m);
});

it("as JSON it has the same answer, whole", async () => {
  const report = await askJson({ "--viewers": "2000" });
  expect(report).toMatchObject({ viewers: 2000, hours: 3, machine: { cores: 4, nicMbit: 1000 }, fits: false });
  expect(report.renditions.map(({ name, share }) => [name, share])).toEqual([
    ["SD", 0.1],
    ["HD", 0.2],
    ["FHD", 0.7],
  ]);
  expect(report.limits[0]?.what).toBe("network");
  expect(report.changes.length).toBeGreaterThan(0);
});

it("without a machine it takes this one, and says what it does not know of it", async () => {
  const { machine, assumed } = await askJson({ "--cores": undefined, "--nic": undefined });
  expect(machine.cores).toBeGreaterThan(0);
  expect(assumed.join(" ")).toContain("A public stage. On a private one, viewers take up to 6 % more processor time");
  if (machine.nicMbit === null) expect(assumed.join(" ")).toContain("give --nic");
});

it("takes a calibration for the costs", async () => {
  const slow = { ...usualCosts, idlePerSecond: 2, audiencePerSecond: 1 };
  const file = put("slow.json", JSON.stringify(slow));
  const { processors, machine } = await askJson({ "--calibration": file });
  expect([processors.idle, machine.isCalibrated, processors.usableShare]).toEqual([3, true, 0.8]);
});

it("viewers who all watch the smallest rendition take less", async () => {
  const [usualOnes, small] = [await askJson(), await askJson({ "--split": "480p=1" })];
  expect(small.network.meanMbit).toBeLessThan(usualOnes.network.meanMbit / 2);
});

it("shares of a split may add up to anything, and count for those that are named", async () => {
  const { renditions } = await askJson({ "--split": "FHD=3,SD=1" });
  expect(renditions.map(({ share }) => share)).toEqual([0.25, 0, 0.75]);
});

it("with object storage, viewers' segments leave from there", async () => {
  const file = put(
    "bucket.yaml",
    `video: { ladder: lecture }
storage:
  objectStorage: { enabled: true, endpoint: "https://s3.example.com", bucket: lectures, region: eu, accessKey: { secret: a }, secretKey: { secret: b } }
`,
  );
  const { traffic, assumed } = await askJson({ "--seed": file });
  expect(traffic.elsewhereGb).toBeGreaterThan(5 * traffic.machineGb);
  expect(assumed).toContain("Viewers fetch segments from the object storage.");
  expect(assumed.join(" ")).not.toContain("A public stage.");
});

it("a closed chat costs nothing", async () => {
  const file = put("quiet.yaml", "video: { ladder: lecture }\nchat: { enabled: false }\n");
  const [chatty, quiet] = [await askJson(), await askJson({ "--seed": file })];
  expect(quiet.processors.viewers).toBeLessThan(chatty.processors.viewers);
});

it("a seed without a ladder has Owncast's own, and says so", async () => {
  const file = put("bare.yaml", "instance: { name: Bare }\n");
  const { renditions, assumed } = await askJson({ "--seed": file });
  expect(renditions).toMatchObject([{ declaredKbps: 1200, framerate: 24, width: 1280, height: 720 }]);
  expect(assumed.join(" ")).toContain("declares no video.ladder");
});

describe("refuses with one clear line", () => {
  it.each([
    ["no viewers", { "--viewers": "0" }, "--viewers 0: expected a whole number of viewers from 1 to 1000000"],
    ["fewer than none", { "--viewers": "-5" }, "--viewers -5: expected a whole number of viewers"],
    ["half a viewer", { "--viewers": "1.5" }, "--viewers 1.5: expected a whole number"],
    ["no time", { "--hours": "0" }, "--hours 0: expected a number of hours above 0"],
    ["a time that has no end", { "--hours": "Infinity" }, "--hours Infinity: expected a number of hours"],
    ["a link with a unit", { "--nic": "1gbit" }, "--nic 1gbit: expected a number of Mbit/s above 0"],
    ["a link in scientific notation", { "--nic": "1e3" }, "such as 1000 for 1 Gbit/s"],
    ["no link", { "--nic": "0" }, "--nic 0: expected"],
    ["no processor", { "--cores": "0" }, "--cores 0: expected"],
    ["a split of a rendition that is not there", { "--split": "SD=1,UHD=1" }, "the ladder has no rendition UHD"],
    ["a split with a name twice", { "--split": "FHD=1,1080p=1" }, "1080p is there twice"],
    ["a split without shares", { "--split": "FHD" }, 'expected NAME=SHARE with a share above 0, got "FHD"'],
    ["a split with an empty place", { "--split": "FHD=1,,SD=1" }, "expected NAME=SHARE"],
    ["a split with nobody", { "--split": "FHD=0" }, "expected NAME=SHARE with a share above 0"],
    ["no bitrate", { "--bitrate": "0" }, "--bitrate 0: expected a whole number of kbit/s"],
  ])("%s", async (_, changed, said) => {
    const { code, stdout, stderr } = await ask(changed);
    expect([code, stdout, stderr.split("\n").length]).toEqual([ExitCode.usage, "", 1]);
    expect(stderr).toContain(said);
  });

  it.each([
    ["a seed that is none", "--seed", "seed.json", "{}", "seed.json:1:1"],
    ["a stage file with a fault", "--seed", "odd.yaml", "video: { latency: lo }", "did you mean low?"],
    ["a calibration that is no JSON", "--calibration", "odd.json", "{", "odd.json: this is not JSON"],
    ["one that is empty", "--calibration", "odd.json", "", "this is not JSON"],
    ["one of another shape", "--calibration", "odd.json", "[]", "odd.json: the file: Invalid input"],
    ["one with a negative cost", "--calibration", "odd.json", withCost("-1"), "idlePerSecond: Too small"],
    ["one with an endless cost", "--calibration", "odd.json", withCost("1e999"), "idlePerSecond: Invalid input"],
    ["one with a text for a cost", "--calibration", "odd.json", withCost('"1"'), "idlePerSecond: Invalid input"],
    ["one with more than it should have", "--calibration", "odd.json", withCost('1,"x":1'), 'Unrecognized key: "x"'],
    ["one of a later version", "--calibration", "odd.json", '{"version":2}', "version: Invalid input"],
    ["one that is nested deep", "--calibration", "odd.json", "[".repeat(100_000), "this is not JSON"],
    ["one that is too large", "--calibration", "odd.json", " ".repeat(1_000_001), "it is larger than 1000000 bytes"],
  ])("%s", async (_, option, name, text, said) => {
    const { code, stdout, stderr } = await ask({ [option]: put(name, text) });
    expect([code, stdout]).toEqual([ExitCode.badInput, ""]);
    expect(stderr).toContain(said);
  });

  it("files that are not there", async () => {
    const file = join(folder, "nowhere.json");
    expect(await ask({ "--calibration": file })).toMatchObject({
      code: 65,
      stderr: expect.stringContaining("nowhere"),
    });
    expect(await ask({ "--seed": file })).toMatchObject({ code: 65, stderr: expect.stringContaining("no such file") });
  });
});

function withCost(idle: string): string {
  return JSON.stringify({ ...usualCosts, idlePerSecond: 77 }).replace('"idlePerSecond":77', `"idlePerSecond":${idle}`);
}
