import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LineOptions, layLine } from "../../src/rehearse/link.ts";
import type { FarLines, RehearsalReport } from "../../src/rehearse/rehearsal-report.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { ensureConclusive } from "../lib/far/conclusive.ts";
import { type FarStage, startFarStage } from "../lib/far/far-stage.ts";
import { watchFrom } from "../lib/far/far-viewer.ts";
import { type LecternProcess, startLectern } from "../lib/process/lectern-process.ts";
import { output } from "../lib/process/output.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../lib/process/private-network.ts";

const kbps = 3200;
const watchSeconds = 40;
const line = { roundTripMs: 250, lossPercent: 1, mbps: 20 } as const;

// Seen on a quiet machine: BBR 0.41 to 0.44 of a segment's length; cubic mostly does not start.
const mostShare = 0.75;
const leastRatio = 3;

describe.runIf(isExhaustive)("a stage of 3.2 Mbit/s over 250 ms and 1 % loss", () => {
  let stage: FarStage;
  let far: PrivateNetwork;
  beforeAll(async () => {
    stage = await startFarStage("checks/lib/far/far-stage.yaml");
    far = await makePrivateNetwork();
    await stage.film(kbps);
  });
  afterAll(async () => {
    await far?.stop();
    await stage?.stop();
  });

  /** Both viewers watch at the same time, each over a line of its own. */
  const watch = async (congestion: NonNullable<LineOptions["congestion"]>, number: number) => {
    const { nearAddress: address, end } = await layLine({ far }, { ...line, congestion, number });
    const { caFile, playlist: url } = stage;
    const seen = await watchFrom({ network: far, protocol: "h2", caFile, address, url }, watchSeconds).catch(
      async (error) => {
        await end();
        throw error;
      },
    );
    return { seen, report: await end() };
  };

  test("plays without a stall if the host sends with BBR, and not with cubic", async (context) => {
    const [bbr, cubic] = await Promise.all([watch("bbr", 1), watch("cubic", 2)]);
    ensureConclusive(context, bbr.report, cubic.report);
    expect(bbr.seen).toMatchObject({ stalls: 0, errors: 0, skipped: 0 });
    expect(bbr.seen.startSeconds).not.toBeNull();
    expect(bbr.seen.segmentSeconds).toBeCloseTo(2, 0);
    const share = bbr.seen.medianDownloadSeconds / bbr.seen.segmentSeconds;
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThanOrEqual(mostShare);
    const hasDownloads = cubic.seen.startSeconds !== null && cubic.seen.medianDownloadSeconds > 0;
    const ratio = hasDownloads ? cubic.seen.medianDownloadSeconds / bbr.seen.medianDownloadSeconds : Infinity;
    expect(ratio).toBeGreaterThanOrEqual(leastRatio);
  });

  /** Starts a rehearsal in a process of its own, as a person does. */
  const start = (link: string, ...flags: string[]): LecternProcess =>
    startLectern([
      ...["rehearse", "--json", "--url", stage.page, "--ca", stage.caFile, "--viewers", "2", "--ramp", "2"],
      ...["--token-file", join(stage.stand.secretsDir, "rehearsal-token"), "--link", link],
      // Wider than the usual ones, for a busy machine.
      ...["--max-start", "20", "--max-segment-time", "100", ...flags],
    ]);

  type FarReport = RehearsalReport & { readonly lines: FarLines };
  const readReport = (said: string): FarReport => {
    expect(said).toContain("\n{\n");
    return JSON.parse(said.slice(said.indexOf("\n{\n"))) as FarReport;
  };
  const rehearse = async (link: string) => readReport((await start(link, "--duration", "20").ended).output);

  /** Interrupts a rehearsal when it is under way. */
  async function interrupt(page: string) {
    const running = start("250ms,1%,20mbit", "--duration", "600", "--report", page);
    let isOver = false;
    void running.ended.then(() => {
      isOver = true;
    });
    // Its first line of progress comes after 10 s.
    while (!isOver && !running.output().includes(" of 2 viewers")) await sleep(100);
    process.kill(running.pid, "SIGINT");
    const { code, output: said } = await running.ended;
    return { code, verdict: readReport(said).verdict, isWritten: existsSync(page) };
  }

  test("is rehearsed: it holds over such lines, and not over slower ones, which are named", async (context) => {
    // Of this test's network, as on a host. The server's next connections have it.
    writeFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "bbr");
    const page = join(stage.stand.folder, "interrupted.html");
    const [fast, slow, interrupted] = await Promise.all([
      rehearse("250ms,1%,20mbit"),
      rehearse("250ms,1%,2mbit"),
      interrupt(page),
    ]);
    expect(interrupted).toEqual({ code: 1, verdict: "unfinished", isWritten: true });
    expect((await output(["ip", "-o", "link"])).stdout).not.toMatch(/\bfar\d/);
    // On a busy machine, too, a line loses what it is to lose and carries no more than its rate.
    for (const { down } of [fast.lines.did, slow.lines.did]) {
      expect(down.packets).toBeGreaterThan(1000);
      expect(Math.abs(down.lossPercent - line.lossPercent)).toBeLessThan(0.6);
    }
    expect(slow.causes[0]).toEqual({
      message: expect.stringMatching(
        /too slowly over a line of 250 ms, 1 % loss and 2 Mbit\/s for each viewer: they got/,
      ),
      remedy: expect.stringMatching(/^each viewer needs 3\.\d Mbit\/s of the 2\.0 Mbit\/s that the line has/),
    });
    expect(fast.lines).toMatchObject({ asked: line, congestionControl: "bbr" });
    ensureConclusive(context, fast.lines.did, slow.lines.did);
    expect([fast.verdict, slow.verdict]).toEqual(["passed", "failed"]);
    // This stage's site offers HTTP/3.
    expect(fast.causes.map(({ message }) => message)).toEqual([expect.stringMatching(/^the stage offers HTTP\/3/)]);
  });
});
