import { describe, expect, it } from "vitest";
import { describePlan, planSteps } from "./plan.mjs";

const nothing = {
  packages: [],
  caddy: undefined,
  nginx: undefined,
  owncast: undefined,
  npm: false,
  python: false,
  speech: false,
  sounds: undefined,
  chromium: false,
  node24: undefined,
  goPrograms: [],
  cargoPrograms: [],
  rootfs: [],
};
const go = { program: "/usr/bin/go", version: "1.26.0", os: "linux", arch: "amd64", toolchain: "auto", caches: [] };

describe("the plan", () => {
  it("lists only steps with work to do, the compiler before the source that it compiles", () => {
    const steps = planSteps({ ...nothing, packages: ["gcc", "ffmpeg"], owncast: { target: "/cache/owncast", go } });
    expect(steps.map(({ id }) => id)).toEqual(["packages", "owncast"]);
  });

  it("shows the time for each step and for all", () => {
    const text = describePlan(planSteps({ ...nothing, packages: ["gcc", "ffmpeg"], npm: true }));
    expect(text.split("\n").slice(0, -1)).toEqual([
      expect.stringMatching(/^Set-up, about \d+ min in all/),
      expect.stringMatching(/^ {2}1\. Debian packages: gcc, ffmpeg \(about 1 min\)$/),
      expect.stringMatching(/^ {2}2\. npm packages \(about \d+ s\)$/),
    ]);
  });

  it("is empty when everything is in place", () => expect(describePlan(planSteps(nothing))).toBe(""));
});
