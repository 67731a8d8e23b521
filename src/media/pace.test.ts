import { describe, expect, it } from "vitest";
import { type Arrival, judgePace, speedOf } from "./pace.ts";

/** `count` segments of `seconds` each, one every `everySeconds`. */
const coming = (seconds: number, everySeconds: number, count: number): Arrival[] =>
  Array.from({ length: count }, (_, index) => ({ seconds, atMs: 7000 + index * everySeconds * 1000 }));
const judge = (arrivals: readonly Arrival[], waitedSeconds = 0) =>
  judgePace(arrivals, (arrivals.at(-1)?.atMs ?? 0) + waitedSeconds * 1000, arrivals[0]?.seconds ?? 1);

describe("the pace of segments", () => {
  it.each([
    ["one second of video each second", coming(1, 1, 5)],
    ["two seconds of video every two seconds", coming(2, 2, 3)],
    ["five seconds of video every five seconds", coming(5, 5, 3)],
    ["an encoder that catches up", coming(2, 1.2, 3)],
  ])("is steady after a short window with %s", (_, arrivals) => {
    expect(judge(arrivals)?.outcome).toBe("steady");
    expect(judge(arrivals.slice(0, -1))).toBeUndefined();
  });

  it("is slow after a long window with two seconds of video every five seconds", () => {
    expect(judge(coming(2, 5, 6))).toBeUndefined();
    expect(judge(coming(2, 5, 7))).toEqual({ speed: 0.4, outcome: "slow", playedSeconds: 12, withinSeconds: 30 });
  });

  it("is tight with slightly less video than time", () => expect(judge(coming(2, 2.15, 15))?.outcome).toBe("tight"));

  it("is steady if the machine was busy only for a moment", () => {
    const busy = coming(1, 2, 12);
    const since = busy.at(-1)!.atMs;
    const after = coming(1, 1, 5).map(({ seconds }, index) => ({ seconds, atMs: since + (index + 1) * 1000 }));
    expect(judge([...busy, ...after])?.outcome).toBe("steady");
  });

  it("is slow if no more segments come", () => {
    expect(judge(coming(2, 2, 2), 6)).toBeUndefined();
    expect(judge(coming(2, 2, 2), 38)).toEqual({ speed: 0.05, outcome: "slow", playedSeconds: 2, withinSeconds: 40 });
  });

  it("is not known before a segment has come", () => {
    expect(judgePace([], 60_000, 1)).toBeUndefined();
    expect(speedOf(coming(1, 1, 1))).toBeUndefined();
  });

  it("is not known if all segments came at the same moment, or if the clock went back", () => {
    expect(speedOf(coming(1, 0, 4))).toBeUndefined();
    expect(speedOf(coming(1, -1, 4))).toBeUndefined();
  });
});
