import { describe, expect, it } from "vitest";
import { declaredRenditions } from "./declared-renditions.ts";

const sd = { name: "SD", width: 854, height: 480, framerate: 30, bitrateKbps: 1000 };
const source = { name: "Source", passthrough: true } as const;
const camera = { width: 1280, height: 720, framerate: 25, bitrateKbps: 2000 };

describe("what a ladder declares", () => {
  it("is its renditions", () => expect(declaredRenditions([{ ...sd, cpuUsage: "low" }])).toEqual([sd]));
  it("takes a passthrough rendition for what the camera sends", () =>
    expect(declaredRenditions([sd, source], camera)).toEqual([sd, { name: "Source", ...camera, passthrough: true }]));
  it("has no numbers for it while the camera is not known", () =>
    expect(declaredRenditions([sd, source])?.[1]).toEqual({
      ...{ name: "Source", width: 0, height: 0, framerate: 0, bitrateKbps: 0, passthrough: true },
    }));
  it.each([
    ["a height", { height: 480 }, { width: 854, height: 480 }],
    ["a width", { width: 640 }, { width: 640, height: 360 }],
    ["no size", {}, { width: 1280, height: 720 }],
  ])("has the camera's proportions where it names %s alone", (_, sides, size) => {
    const rendition = { name: "SD", framerate: 30, bitrateKbps: 1000, ...sides };
    expect(declaredRenditions([rendition], camera)).toEqual([{ ...rendition, ...size }]);
    expect(declaredRenditions([rendition])).toEqual([{ width: 0, height: 0, ...rendition }]);
  });
  it("is nothing without a ladder", () => expect(declaredRenditions(undefined)).toBeUndefined());
});
