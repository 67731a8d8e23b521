import { describe, expect, it } from "vitest";
import type { DecodedSegment } from "../media/decode-segment.ts";
import { judgePicture } from "./judge-picture.ts";

const size = { width: 1280, height: 720 };
const at = (count: number, time: (index: number) => number | undefined) =>
  Array.from({ length: count }, (_, index) => time(index));
const running = at(60, (index) => 10_000 + index * 33);
const good: DecodedSegment = { ...size, clocksMs: running, hasAudio: true, meanLuma: 110, lumaSpread: 60 };

describe("a segment of two seconds", () => {
  it("lasts as long as its clock shows", () => {
    expect(judgePicture(good, size, 2)).toEqual({ firstMs: 10_000, lastMs: 11_947 });
  });

  it("may have any size if none is expected", () => {
    expect(judgePicture(good, { width: 0, height: 0 }, 2)).toEqual({ firstMs: 10_000, lastMs: 11_947 });
  });

  it("needs no clock if any picture is allowed, but must show something", () => {
    const clocksMs = at(60, () => undefined);
    const any = { ...size, anyPicture: true };
    expect(judgePicture({ ...good, clocksMs }, any, 2)).toBeUndefined();
    expect(() => judgePicture({ ...good, clocksMs, lumaSpread: 0, meanLuma: 16 }, any, 2)).toThrow(
      "the video is black",
    );
  });

  it.each<{ claim: string; decoded: Partial<DecodedSegment>; check: string; says: string }>([
    {
      claim: "has the wrong size",
      decoded: { width: 854, height: 480 },
      check: "size",
      says: "are 854x480, not 1280x720",
    },
    {
      claim: "is black",
      decoded: { clocksMs: at(60, () => undefined), meanLuma: 16, lumaSpread: 0 },
      check: "black",
      says: "the video is black",
    },
    {
      claim: "is plain blue",
      decoded: { clocksMs: at(60, () => undefined), meanLuma: 41, lumaSpread: 0.5 },
      check: "black",
      says: "one plain colour",
    },
    {
      claim: "is dark but not black, like the offline clip",
      decoded: { clocksMs: at(60, () => undefined), meanLuma: 17, lumaSpread: 11 },
      check: "clock",
      says: "show no clock",
    },
    {
      claim: "shows a clock in half of its frames",
      decoded: { clocksMs: at(60, (index) => (index % 2 ? running[index] : undefined)) },
      check: "clock",
      says: "only 30 of 60",
    },
    { claim: "is frozen", decoded: { clocksMs: at(60, () => 10_000) }, check: "frozen", says: "stands still" },
    {
      claim: "stutters",
      decoded: { clocksMs: at(60, (index) => 10_000 + index * 5) },
      check: "frozen",
      says: "runs slow: 0.3 s within 2.0 s",
    },
    {
      claim: "jumps back",
      decoded: { clocksMs: at(60, (index) => 10_000 + (index % 30) * 33) },
      check: "frozen",
      says: "jumps back",
    },
  ])("is refused if it $claim", ({ decoded, check, says }) => {
    const attempt = () => judgePicture({ ...good, ...decoded }, size, 2);
    expect(attempt).toThrow(
      expect.objectContaining({ name: "Finding", check, message: expect.stringContaining(says) }),
    );
  });

  it.each([
    ["a few damaged frames", at(60, (index) => (index % 15 ? running[index] : undefined))],
    ["frames left out by a slow camera", at(60, (index) => 10_000 + index * 66)],
    [
      "frames shown twice, because the frame rate is higher than the camera's",
      at(60, (index) => 10_000 + Math.floor(index / 2) * 66),
    ],
  ])("counts as live with %s", (_, clocksMs) => {
    expect(judgePicture({ ...good, clocksMs }, size, 2)?.lastMs).toBeGreaterThan(11_000);
  });
});
