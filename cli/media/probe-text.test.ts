import { expect, it } from "vitest";
import type { ProbeReport } from "./probe-report.ts";
import { summaryLine, verdictLines } from "./probe-text.ts";

const report: ProbeReport = {
  url: "https://stage.test",
  renditions: [
    { name: "SD", width: 854, height: 480, framerate: 30, latencySeconds: 4.21 },
    { name: "HD", width: 1280, height: 720, framerate: 30 },
    { name: "1920x1080", width: 1920, height: 1080, framerate: 25, latencySeconds: -0.3 },
  ],
  faults: [
    { rendition: "HD", check: "black", message: "black picture" },
    { check: "extra", message: "640x360 is in the master playlist, but not declared" },
  ],
  tornPlaylists: 2,
};

it("gives a line to each rendition, after what concerns all", () => {
  expect(verdictLines(report)).toEqual([
    "✗ 640x360 is in the master playlist, but not declared",
    "✓ SD 854x480@30: live, clock 4.2 s behind",
    "✗ HD 1280x720@30: black picture",
    "✓ 1920x1080@25: live, clock 0.3 s ahead",
  ]);
});

it("sums up", () => {
  expect(summaryLine(report)).toBe("2 of 3 renditions live, 2 faults; 2 torn playlists were read again");
  expect(summaryLine({ ...report, renditions: [], faults: report.faults.slice(1), tornPlaylists: 0 })).toBe(
    "0 of 0 renditions live, 1 fault",
  );
});
