import { describe, expect, it } from "vitest";
import {
  addedAges,
  type Figure,
  lastLine,
  logLine,
  medianRatio,
  mostFetches,
  percentile,
  rates,
  reaches,
  table,
  timesIn,
} from "./figures.ts";
import type { LoggedRequest } from "./stand.ts";

const logged = (uri: string, remote_ip = "127.0.2.0"): LoggedRequest => ({
  ...{ ts: 12.5, status: 200, size: 625_000, duration: 0.0123 },
  request: { remote_ip, method: "GET", uri },
});

describe("figures", () => {
  const egress: Figure = {
    ...{ name: "egress", what: "egress", value: 1.204, unit: "x", digits: 1 },
    bar: { atMost: 1.2 },
  };
  const static_: Figure = {
    name: "static",
    what: "of static",
    value: 0.9,
    unit: "x",
    digits: 2,
    bar: { atLeast: 0.8 },
  };
  const plain: Figure = { name: "viewers", what: "viewers", value: 20, unit: "", digits: 0 };

  it("reach a bar by their exact value, not by the rounded one", () => {
    expect([egress, static_, plain].map(reaches)).toEqual([false, true, true]);
    expect(reaches({ value: Number.NaN, bar: { atMost: 1 } })).toBe(false);
    expect(reaches({ value: Number.NaN, bar: { atLeast: 1 } })).toBe(false);
    expect([19, 20, 21].map((value) => reaches({ value, bar: { exactly: 20 } }))).toEqual([false, true, false]);
  });

  it("end with one line that says which bars are not reached", () => {
    expect(lastLine([static_, plain])).toBe("edges: static 0.90x (≥0.8x), viewers 20; every bar is reached");
    expect(lastLine([egress])).toBe("edges: egress 1.2x (≤1.2x); not reached: egress");
  });

  it("stand beside their bars in the table", () =>
    expect(table([egress, plain])).toBe(
      "| figure | measured | bar |\n|---|---|---|\n| egress | 1.2x ✗ | ≤ 1.2x |\n| viewers | 20 | – |",
    ));
});

describe("measures", () => {
  it("take percentiles of all requests", () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect([percentile(values, 0.95), percentile([7], 0.95), percentile([], 0.95)]).toEqual([190, 7, Number.NaN]);
  });

  it("read h2load's log, and do not hide a refusal", () => {
    expect(timesIn("1700000000000000\t200\t1500\n1700000000000100\t200\t250\n")).toEqual([1.5, 0.25]);
    expect(() => timesIn("1700000000000000\t503\t1500\n")).toThrow("503");
  });

  it("count fetches of a segment for each edge", () => {
    const log = [logged("/hls/0/a.ts"), logged("/hls/0/a.ts", "127.0.3.0"), logged("/hls/0/stream.m3u8")];
    expect([mostFetches(log), mostFetches([...log, logged("/hls/0/a.ts")]), mostFetches([])]).toEqual([1, 2, 0]);
  });

  it("count a page's requests by path", () =>
    expect(rates([logged("/api/ping"), logged("/api/ping"), logged("/api/status"), logged("/")], 2)).toEqual({
      ...{ "/api/ping": 1, "/api/status": 0.5, "/api/metrics/playback": 0 },
    }));

  it("measure a segment's age by when each server first showed it", () =>
    expect(
      addedAges(
        new Map([
          ["a", 1000],
          ["b", 3000],
          ["c", 5000],
        ]),
        new Map([
          ["a", 1900],
          ["b", 2990],
        ]),
      ),
    ).toEqual([0.9, 0]));

  it("are medians of pairs", () => expect(medianRatio([8, 2, 3], [1, 2, 3])).toBe(1));

  it("show a line of the log with its time since the crowd came", () =>
    expect(logLine(logged("/hls/0/a.ts"), 12)).toBe(
      "  0.500 s  127.0.2.0  GET /hls/0/a.ts  200  625000 bytes in 12.3 ms",
    ));
});
