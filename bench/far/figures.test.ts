import { expect, it } from "vitest";
import type { SeenInBrowser } from "../../checks/lib/far/far-browser.ts";
import type { Watched } from "../../checks/lib/far/far-viewer.ts";
import {
  type BrowserCell,
  type BySender,
  browserLine,
  browserTable,
  lastLine,
  type RateCell,
  rateLine,
  rateTable,
  type StallCell,
  stallLine,
  stallTable,
} from "./figures.ts";

const by = <Value>(cubic: Value, http3: Value, bbr: Value, latePercent = 0, tries = 1): BySender<Value> => ({
  cubic: { value: cubic, latePercent, tries },
  "HTTP/3": { value: http3, latePercent: 0, tries: 1 },
  BBR: { value: bbr, latePercent: 0, tries: 1 },
});
const part = "rates";
const rates: RateCell[] = [
  { part, roundTripMs: 20, lossPercent: 0.5, mbps: by(7.2, 12, 19) },
  { part, roundTripMs: 250, lossPercent: 0, mbps: by(18, 19, 18) },
  { part, roundTripMs: 250, lossPercent: 0.5, mbps: by(1.6, 0, 19, 5.1, 3) },
];
const played: Watched = {
  ...{ startSeconds: 6, stalls: 0, stalledSeconds: 0, watchedSeconds: 65, segmentSeconds: 2, segments: 30 },
  ...{ medianDownloadSeconds: 0.84, p95DownloadSeconds: 1, p95PlaylistSeconds: 0.3, skipped: 0, errors: 0, mbps: 3.2 },
};
const not = { ...played, startSeconds: null };
const stalls: StallCell[] = [1, 2].map((length) => ({
  ...{ part: "stalls", segmentSeconds: length as 1 | 2, kbps: 3200 },
  watched: by(length === 1 ? not : played, { ...played, stalledSeconds: 37.2 }, played),
}));
const seen: SeenInBrowser = {
  ...{ pageSeconds: 3.14, startSeconds: 6.02, stalls: 2, stalledSeconds: 4.5, behindSeconds: 8.88 },
  heights: [
    { height: 288, share: 0.9 },
    { height: 180, share: 0.1 },
  ],
  ...{ segmentSeconds: 0.8, believedMbps: 1.35 },
};
const browser = (sender: BrowserCell["sender"], value: SeenInBrowser, latePercent = 0): BrowserCell => ({
  ...{ part: "browser", roundTripMs: 250, lossPercent: 1, sender },
  seen: { value, latePercent, tries: 1 },
});
const browsers = [browser("cubic", { ...seen, startSeconds: null, heights: [] }), browser("BBR", seen, 6)];

it("names rates and ratios, and marks what a busy machine spoilt", () => {
  expect(rateLine(rates[2]!)).toBe(
    "rates 250 ms 0.5 %: cubic 1.60*, HTTP/3 0.00, BBR 19.0 Mbit/s (BBR 11.9x cubic, 1900.0x HTTP/3)",
  );
});

it("prints the rates as a table", () => {
  expect(rateTable(rates)).toEqual([
    "| Mbit/s on a line of | cubic | HTTP/3 | BBR |",
    "|---|---|---|---|",
    "| 20 ms, 0.5 % | 7.20 | 12.0 | 19.0 |",
    "| 250 ms, 0 / 0.5 % | 18.0 / 1.60* | 19.0 / 0.00 | 18.0 / 19.0 |",
  ]);
});

it("names stalls, and video that did not start", () => {
  expect(stallLine(stalls[0]!, 65)).toBe(
    "stalls 1 s 3.2 Mbit/s, stalled of 65 s: cubic did not start, HTTP/3 37.2 s (a segment takes 0.42 of its length), BBR 0.0 s (a segment takes 0.42 of its length)",
  );
});

it("prints the stalls as a table", () => {
  expect(stallTable(stalls)).toEqual([
    "| seconds stalled | cubic | HTTP/3 | BBR |",
    "|---|---|---|---|",
    "| 3.2 Mbit/s, 1 / 2 s | – / 0.0 | 37.2 / 37.2 | 0.0 / 0.0 |",
  ]);
});

it("names what a browser showed, and video that did not start", () => {
  expect(browserLine(browsers[0]!, 65)).toBe(
    "browser 250 ms 1 % cubic: page 3.1 s, first frame –, stalled of 65 s –, height –, behind live –, a segment takes –, Chromium's guess –",
  );
  expect(browserLine(browsers[1]!, 65)).toBe(
    "browser 250 ms 1 % BBR: page 3.1 s*, first frame 6.0 s*, stalled of 65 s 4.5 s in 2*, height 288 (90 %), 180 (10 %), behind live 8.9 s, a segment takes 0.8 s, Chromium's guess 1.35 Mbit/s",
  );
});

it("prints what browsers showed as a table", () => {
  expect(browserTable(browsers, 65).slice(1)).toEqual([
    "|---|---|---|---|---|---|---|---|",
    "| 250 ms, 1 %, cubic | 3.1 s | – | – | – | – | – | – |",
    "| 250 ms, 1 %, BBR | 3.1 s* | 6.0 s* | 4.5 s in 2* | 288 (90 %), 180 (10 %) | 8.9 s | 0.8 s | 1.35 Mbit/s |",
  ]);
});

it("ends with the cell that is nearest to the article's line, and with how much was measured again and spoilt", () => {
  expect(lastLine({ rates, stalls: [], browsers })).toBe(
    "far: at 250 ms and 0.5 % BBR carries 11.9x as much as cubic and 1900.0x as much as HTTP/3; 1 of 11 figures were measured again; 2 of 11 figures are marked *: over 5 % of the packets came late, this machine was busy",
  );
  expect(lastLine({ rates: [], stalls, browsers: [] })).toBe(
    "far: no rate over a line that loses packets; none of 6 figures was spoilt by this machine",
  );
});
