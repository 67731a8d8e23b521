import { expect, it } from "vitest";
import type { ProbeReport } from "./probe-report.ts";
import { checklistLines, summaryLine, verdictLines } from "./probe-text.ts";

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
  warnings: [{ check: "http3", message: "offered" }],
  checks: [
    { check: "tls", outcome: "passed", detail: "" },
    { check: "http3", outcome: "warned", detail: "offered" },
    { check: "redirect", outcome: "not-checked", detail: "https is on port 8443" },
    { check: "extra", outcome: "failed", detail: "640x360 is in the master playlist, but not declared" },
    { rendition: "SD", check: "playlist", outcome: "passed", detail: "15 segments" },
    { rendition: "HD", check: "playlist", outcome: "passed", detail: "15 segments" },
    { rendition: "SD", check: "black", outcome: "passed", detail: "" },
    { rendition: "HD", check: "black", outcome: "failed", detail: "black picture" },
    { rendition: "SD", check: "bitrate", outcome: "passed", detail: "806 of 808 kbit/s" },
    { rendition: "HD", check: "bitrate", outcome: "not-checked", detail: "another fault came first" },
    { rendition: "SD", check: "framerate", outcome: "passed", detail: "30" },
    { rendition: "HD", check: "framerate", outcome: "passed", detail: "25" },
  ],
  tornPlaylists: 2,
};

it("prints a line for each check with its worst outcome, and common details once", () => {
  expect(checklistLines(report).map((line) => line.replace(/ +/g, " "))).toEqual([
    "✓ TLS",
    "! HTTP/3 offered",
    "– http leads to https not checked: https is on port 8443",
    "✗ no extra rendition 640x360 is in the master playlist, but not declared",
    "✓ playlist well-formed 15 segments",
    "✗ not black HD: black picture",
    "✓ frames per second SD: 30; HD: 25",
    "✓ bitrate SD: 806 of 808 kbit/s; not checked: HD: another fault came first",
  ]);
});

it("prints a line for each rendition, after the faults of the whole stage", () => {
  expect(verdictLines(report)).toEqual([
    "✗ 640x360 is in the master playlist, but not declared",
    "✓ SD 854x480@30: live, clock 4.2 s behind",
    "✗ HD 1280x720@30: black picture",
    "✓ 1920x1080@25: live, clock 0.3 s ahead",
    "! offered",
  ]);
});

it("prints a summary", () => {
  expect(summaryLine(report)).toBe("2 of 3 renditions live, 2 faults, 1 warning; 2 torn playlists were read again");
  const few = { renditions: [], faults: report.faults.slice(1), warnings: [], checks: [], tornPlaylists: 0 };
  expect(summaryLine({ ...report, ...few })).toBe("0 of 0 renditions live, 1 fault");
});

it("prints each remedy once, and a warning with all its renditions", () => {
  const remedy = "turn the microphone on";
  const warning = { check: "silence", message: "the sound track is silent", remedy } as const;
  const warned: ProbeReport = {
    ...report,
    faults: [{ rendition: "HD", check: "pace", message: "0.40× of live", remedy: "fewer renditions" }],
    warnings: [
      { rendition: "SD", ...warning },
      { rendition: "HD", ...warning },
    ],
    checks: [{ rendition: "SD", check: "silence", outcome: "warned", detail: "the sound track is silent", remedy }],
  };
  expect(verdictLines(warned)).toEqual([
    "✓ SD 854x480@30: live, clock 4.2 s behind",
    "✗ HD 1280x720@30: 0.40× of live",
    "  → fewer renditions",
    "✓ 1920x1080@25: live, clock 0.3 s ahead",
    "! SD, HD: the sound track is silent",
    "  → turn the microphone on",
  ]);
  expect(checklistLines(warned)[0]).toMatch(/^! sound is audible +SD: the sound track is silent$/);
  expect(summaryLine(warned)).toBe("2 of 3 renditions live, 1 fault, 2 warnings; 2 torn playlists were read again");
});

it("prints no delay for a picture without a clock", () => {
  const [line] = verdictLines({ ...report, faults: [], renditions: [{ name: "SD", width: 854, height: 480 }] });
  expect(line).toBe("✓ SD 854x480: live, delay not measured");
});
