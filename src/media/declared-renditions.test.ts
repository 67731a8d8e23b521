import { describe, expect, it } from "vitest";
import { declaredRenditions } from "./declared-renditions.ts";

const sd = { name: "SD", width: 854, height: 480, framerate: 30, bitrateKbps: 1000 };
const source = { name: "Source", passthrough: true } as const;
const camera = { width: 1280, height: 720, framerate: 25, bitrateKbps: 2000 };

describe("the declared renditions", () => {
  it("are those of the ladder", () => expect(declaredRenditions([{ ...sd, cpuUsage: "low" }])).toEqual([sd]));
  it("have the camera's format for a passthrough rendition", () =>
    expect(declaredRenditions([sd, source], camera)).toEqual([sd, { name: "Source", ...camera, passthrough: true }]));
  it("have no numbers for it if the camera is not known", () =>
    expect(declaredRenditions([sd, source])?.[1]).toEqual({
      ...{ name: "Source", width: 0, height: 0, framerate: 0, bitrateKbps: 0, passthrough: true },
    }));
  it.each([
    ["a height", { height: 480 }, { width: 854, height: 480 }],
    ["a width", { width: 640 }, { width: 640, height: 360 }],
    ["no size", {}, { width: 1280, height: 720 }],
  ])("get the camera's proportions if the ladder gives only %s", (_, sides, size) => {
    const rendition = { name: "SD", framerate: 30, bitrateKbps: 1000, ...sides };
    expect(declaredRenditions([rendition], camera)).toEqual([{ ...rendition, ...size }]);
    expect(declaredRenditions([rendition])).toEqual([{ width: 0, height: 0, ...rendition }]);
  });
  it("are undefined without a ladder", () => expect(declaredRenditions(undefined)).toBeUndefined());
});
