import { describe, expect, it } from "vitest";
import { lookAtTestStages } from "../../checks/lib/stream/look.ts";
import type { TestStage } from "../../checks/lib/stream/served-stage.ts";
import type { ProbeOptions } from "./probe.ts";

const { look, sd, hd } = lookAtTestStages();
const result = async (stage: TestStage, options: Partial<ProbeOptions>) =>
  (await (await look(stage, options)).report).checks.find(({ check }) => check === "private");

describe("access for strangers", () => {
  it("is not checked without the viewers' password", async () => {
    expect(await result({ renditions: [hd(), sd()] }, {})).toMatchObject({
      outcome: "not-checked",
      detail: expect.stringContaining("--viewer-password-file"),
    });
  });

  it("is a fault, and the fault names the open addresses", async () => {
    expect(await result({ renditions: [hd(), sd()] }, { viewerPassword: "a password" })).toMatchObject({
      outcome: "failed",
      detail: expect.stringMatching(
        /^open without the password: \/, \/embed\/video, .*\/hls\/stream\.m3u8.*viewers\.allow\?$/,
      ),
    });
  });
});

describe("a stage that refuses this viewer", () => {
  it.each([
    [401, "--viewer-password-file"],
    [403, "viewers.allow"],
  ])("is reported after a response %i with a remedy: %s", async (status, remedy) => {
    const stage = { renditions: [], override: () => ({ status, body: "" }) };
    const { faults } = await (await look(stage)).report;
    expect(faults).toEqual([{ check: "online", message: expect.stringContaining(remedy) }]);
  });
});
