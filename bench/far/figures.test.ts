import { expect, it } from "vitest";
import type { Watched } from "../../checks/lib/far/far-viewer.ts";
import { type BySender, lastLine, type RateCell, rateLine, rateTable, stallLine } from "./figures.ts";

const by = <Value>(cubic: Value, http3: Value, bbr: Value, latePercent = 0): BySender<Value> => ({
  cubic: { value: cubic, latePercent },
  "HTTP/3": { value: http3, latePercent: 0 },
  BBR: { value: bbr, latePercent: 0 },
});
const cells: RateCell[] = [
  { roundTripMs: 20, lossPercent: 0.5, mbps: by(7.2, 12, 19) },
  { roundTripMs: 250, lossPercent: 0, mbps: by(18, 19, 18) },
  { roundTripMs: 250, lossPercent: 0.5, mbps: by(1.6, 0, 19, 5.1) },
];
const seen: Watched = {
  ...{ startSeconds: 6, stalls: 0, stalledSeconds: 0, watchedSeconds: 65, segmentSeconds: 2, segments: 30 },
  ...{ medianDownloadSeconds: 0.84, p95DownloadSeconds: 1, p95PlaylistSeconds: 0.3, skipped: 0, errors: 0, mbps: 3.2 },
};

it("names rates and ratios, and marks what a busy machine spoilt", () => {
  expect(rateLine(cells[2]!)).toBe(
    "250 ms, 0.5 % lost: cubic 1.60*, HTTP/3 0.00, BBR 19.0 Mbit/s (BBR 11.9x cubic, 1900.0x HTTP/3)",
  );
});

it("prints the rates as a table", () => {
  expect(rateTable(cells)).toEqual([
    "| round trip | cubic | HTTP/3 | BBR |",
    "|---|---|---|---|",
    "| 20 ms | 7.20 | 12.0 | 19.0 |",
    "| 250 ms | 18.0 / 1.60* | 19.0 / 0.00 | 18.0 / 19.0 |",
    "",
    "Mbit/s, lost each way: 0.5 / 0 %",
  ]);
});

it("names stalls, and video that did not start", () => {
  const none = { ...seen, startSeconds: null };
  expect(stallLine({ kbps: 3200, watched: by(none, { ...seen, stalledSeconds: 37.2 }, seen) }, 65)).toBe(
    "3.2 Mbit/s, stalled of 65 s: cubic did not start, HTTP/3 37.2 s (a segment takes 0.42 of its length), BBR 0.0 s (a segment takes 0.42 of its length)",
  );
});

it("ends with the cell that is nearest to the article's line, and with how much was spoilt", () => {
  expect(lastLine(cells, [])).toBe(
    "far: at 250 ms and 0.5 % BBR carries 11.9x as much as cubic and 1900.0x as much as HTTP/3; 1 of 9 figures are marked *: over 5 % of the packets came late, this machine was busy",
  );
});
