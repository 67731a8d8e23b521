import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { testCertificates } from "../../checks/lib/process/certificates.ts";
import { runVerb } from "../../checks/lib/process/run-verb.ts";
import { type LiveServer, startLiveServer } from "../../checks/lib/stream/live-server.ts";
import type { RehearsalReport } from "../rehearse/rehearsal-report.ts";
import { exitCodeOf, flagsOf, verb } from "./rehearse.ts";

let folder: string;
let live: LiveServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-rehearse-"));
  writeFileSync(join(folder, "ca.pem"), testCertificates.authority);
  writeFileSync(join(folder, "token"), "a-token-for-rehearsals-in-tests\n");
  writeFileSync(join(folder, "umlaut"), "tökén\n");
  live = await startLiveServer();
});
afterAll(async () => {
  await live?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const rehearse = (...flags: string[]) => {
  const resolve = `stage.test:${new URL(live.url).port}:127.0.0.1`;
  const place = ["--url", live.url, "--ca", join(folder, "ca.pem"), "--resolve", resolve];
  const usual = ["--token-file", join(folder, "token"), "--viewers", "2", "--duration", "2", "--ramp", "0.1"];
  return runVerb(verb, [...place, ...usual, ...flags]);
};

it("prints its report as JSON, writes it as a page, and shows progress on stderr", async () => {
  const page = join(folder, "report.html");
  live.stageName = `</title><script>alert("a stage's name")</script>`;
  const flags = ["--max-start", "20", "--max-segment-time", "1000", "--max-stalls", "100000", "--max-rebuffer", "100"];
  const { code, stdout, stderr } = await rehearse("--json", "--report", page, ...flags);
  const report = JSON.parse(stdout) as RehearsalReport;
  expect(report.limits).toEqual({
    ...{ startSeconds: 20, segmentShare: 10, stallsPerViewerHour: 100_000, rebufferShare: 1 },
    ...{ behindSeconds: 40, errorShare: 0.001, tornShare: 0.001, compressedShare: 0.25 },
  });
  expect(report.checks).toHaveLength(8);
  expect(code).toBe(exitCodeOf(report));
  const html = readFileSync(page, "utf8");
  expect(html).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  expect(report.plan.stageName).toBe(live.stageName);
  expect(html).toContain("Rehearsal of &lt;/title&gt;&lt;script&gt;alert(&quot;a stage&#39;s name&quot;)");
  expect(html).not.toContain("<script");
  expect(stderr).toContain("✓ rehearsing https://stage.test");
});

it.each([
  ["passed", undefined, 0],
  ["failed", undefined, 2],
  ["failed", "stream-ended", 2],
  ["spoilt", undefined, 1],
  ["unfinished", "interrupted", 1],
  ["unfinished", "not-allowed", 77],
  ["unfinished", "unreachable", 69],
] as const)("exits after %s, %s, with %i", (verdict, kind, code) =>
  expect(exitCodeOf({ verdict, earlyEnd: kind && { kind, message: "" } })).toBe(code),
);

it.each([
  ["--viewers", "0", 64, /--viewers 0: expected a whole number of viewers from 1 to/],
  ["--viewers", "many", 64, /--viewers many/],
  ["--duration", "0", 64, /--duration 0/],
  ["--ramp", "9", 64, /--ramp 9: expected a number of seconds above 0 and up to 2/],
  ["--split", "720p", 64, /--split 720p: expected NAME=SHARE/],
  ["--encodings", "opera=1", 64, /there is no browser opera; there are chrome, firefox, safari/],
  ["--page", "101", 64, /--page 101: expected a percentage from 0 to 100/],
  ["--chat", "3", 64, /--chat 3: expected a whole number of viewers from 0 to 2/],
  ["--report", "/nowhere/at/all.html", 64, /--report .*: \/nowhere\/at cannot be written to/],
  ["--max-stalls", "-1", 64, /--max-stalls -1/],
  ["--url", "http://stage.test", 64, /--url http:\/\/stage\.test: expected an address such as https/],
  ["--link", "250ms,20mbit", 64, /--link 250ms,20mbit: it has no loss/],
  ["--link", "250ms,1%,20mbit", 64, /--link and --resolve exclude each other/],
  ["--token-file", "/nowhere", 65, /\/nowhere: no such file/],
  ["--token-file", "umlaut", 65, /umlaut: is no rehearsal token/],
])("refuses %s %s before it asks anything", async (option, value, code, text) => {
  const before = live.requests.length;
  const outcome = await rehearse(option, value === "umlaut" ? join(folder, value) : value);
  expect(outcome.stderr).toMatch(text);
  expect(outcome).toMatchObject({ code, stdout: "" });
  expect(live.requests.length).toBe(before);
});

it("gives its options to the process of the viewers far away", () =>
  expect(
    flagsOf({
      ...{ url: "https://live.test", maxStart: "5", split: "-a=1", adaptive: true, json: undefined },
      resolve: ["live.test:443:10.77.0.1", "live.test:8443:10.77.0.1"],
    }),
  ).toEqual([
    ...["--url=https://live.test", "--max-start=5", "--split=-a=1", "--adaptive"],
    ...["--resolve=live.test:443:10.77.0.1", "--resolve=live.test:8443:10.77.0.1"],
  ]));
