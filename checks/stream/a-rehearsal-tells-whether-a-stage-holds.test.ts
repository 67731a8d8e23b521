import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodeOf } from "../../src/commands/rehearse.ts";
import { readPublicStatus } from "../../src/lib/public-status.ts";
import { startCamera } from "../../src/local/on-air.ts";
import type { RehearsalReport } from "../../src/rehearse/rehearsal-report.ts";
import { startArticleFront } from "../lib/browser/article-front.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { type LecternProcess, startLectern } from "../lib/process/lectern-process.ts";
import { type Stand, startStand } from "../lib/process/stand.ts";
import { startSlowLine } from "../lib/stream/slow-line.ts";

let stand: Stand;
let folder: string;
let tokenFile: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-rehearsal-"));
  stand = await startStand("checks/lib/stages/rehearsed-stage.yaml");
  tokenFile = join(stand.secretsDir, "rehearsal-token");
});
afterAll(async () => {
  await stand?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts it in a process of its own, as a person does. */
const start = (...flags: string[]): LecternProcess => {
  const usual = { "--url": stand.page, "--token-file": tokenFile, "--viewers": "5", "--duration": "8", "--ramp": "1" };
  const given = Object.entries(usual).filter(([flag]) => !flags.includes(flag));
  return startLectern(["rehearse", "--ca", stand.caFile, ...given.flat(), ...flags]);
};

const rehearse = (...flags: string[]) => start(...flags).ended;

// On a busy machine, times say nothing about the stage.
const lenient = ["--max-start", "60", "--max-segment-time", "1000", "--max-stalls", "100000", "--max-rebuffer", "100"];

function readReport(output: string): { readonly found: RehearsalReport } {
  expect(output).toContain("\n{\n");
  return { found: JSON.parse(output.slice(output.indexOf("\n{\n"))) as RehearsalReport };
}

async function report(...flags: string[]): Promise<{ code: number | null; found: RehearsalReport }> {
  const { code, output } = await rehearse("--json", ...flags);
  return { code, ...readReport(output) };
}

/** Waits for its first line of progress, which comes after 10 s. */
async function underWay(running: LecternProcess): Promise<void> {
  while (!/ of \d+ viewers/.test(running.output())) await sleep(100);
}

const failedChecks = ({ checks }: RehearsalReport): string[] =>
  checks.filter(({ outcome }) => outcome === "failed").map(({ name }) => name);
/** It must fail, and name this check and this cause. A test's machine may be too busy to judge. */
function expectFailure({ code, found }: Awaited<ReturnType<typeof report>>, check: string, cause: RegExp): void {
  expect(failedChecks(found)).toContain(check);
  expect(found.causes[0]?.message).toMatch(cause);
  expect([code, found.verdict]).toEqual(found.machine.spoiltBy.length > 0 ? [1, "spoilt"] : [2, "failed"]);
}
const causes = (found: RehearsalReport): string => found.causes.map(({ message }) => message).join("\n");

describe("before the camera is there", () => {
  test("a stage that is off the air is no stage to rehearse", async () => {
    const { code, output } = await rehearse();
    expect(output).toContain("is off the air: nobody publishes\n  → start the camera");
    expect(code).toBe(2);
  });

  test("the stage refuses another token", async () => {
    const wrong = join(folder, "wrong-token");
    writeFileSync(wrong, `${"x".repeat(43)}\n`);
    const { code, output } = await rehearse("--token-file", wrong);
    expect(output).toContain("refuses this rehearsal token\n  → give --token-file");
    expect(code).toBe(77);
  });
});

describe("on a live stage", () => {
  beforeAll(async () => {
    await startCamera(stand);
    while (!(await readPublicStatus(stand.owncastUrl, { seconds: 30 }))?.online) await sleep(200);
  });

  test("a small crowd loads the page, watches and chats, and Owncast counts it", async () => {
    const page = join(folder, "report.html");
    const seconds = isExhaustive ? 14 : 9;
    const running = report("--viewers", "20", "--duration", `${seconds}`, "--chat", "3", "--report", page, ...lenient);
    let most = 0;
    const ended = running.then(() => true);
    while (!(await Promise.race([ended, sleep(500).then(() => false)]))) {
      const status = await fetch(`${stand.owncastUrl}/api/status`).then((answer) => answer.json());
      // Owncast leaves a count of 0 out.
      most = Math.max(most, (status as { viewerCount?: number }).viewerCount ?? 0);
    }
    const { code, found } = await running;
    const { measured } = found;
    expect({ failed: failedChecks(found), code }, causes(found)).toEqual({ failed: [], code: exitCodeOf(found) });
    expect(measured).toMatchObject({ viewersCame: 20, viewersStarted: 20, errors: 0, tornPlaylists: 0 });
    expect(measured).toMatchObject({ viewersByRendition: { "180p": 20 }, chatUsersJoined: 3, chatMessagesBack: 3 });
    // Each viewer loads three segments at once and one a second.
    expect(measured.segments).toBeGreaterThan(20 * (seconds - 6));
    expect(measured.segmentEncodings).toEqual({ none: measured.segments });
    expect(measured.behindSeconds?.p50).toBeGreaterThan(2);
    expect(measured.pageSeconds).toBeDefined();
    expect(most).toBeGreaterThanOrEqual(20);
    expect(readFileSync(page, "utf8")).toContain("<title>Rehearsal of Rehearsed stage: ");
  });

  test.runIf(isExhaustive)("a line that carries too little is named, with what it carries", async () => {
    const { port } = new URL(stand.page);
    const line = await startSlowLine("127.0.0.2", Number(port), 1.5);
    const ended = await report("--resolve", `localhost:${port}:127.0.0.2`, "--page", "0", "--viewers", "10");
    await line.stop();
    const cause =
      /^video reaches the viewers too slowly: they got [\d.]+ Mbit\/s, [\d.]+ Mbit\/s in the best second, and need/;
    expectFailure(ended, "segment time of its length (p95)", cause);
    expect(ended.found.measured.mbpsMean).toBeLessThan(2);
  });

  test.runIf(isExhaustive)("a site without segments from disk is named", async () => {
    const door = `	handle /.well-known/lectern-rehearsal {\n		import ${stand.folder}/${stand.rehearsalDir}/*.caddyfile\n	}\n`;
    const url = await startArticleFront(stand, door);
    // As people read it.
    const { code, output } = await rehearse("--url", url, "--page", "0", "--encodings", "chrome=1");
    expect(output).toMatch(
      /^! the server compresses video again for each viewer \((zstd|gzip) 100 % of the segments\).*\n {2}→ serve segments/m,
    );
    expect(output).toMatch(/^[✗–] {2}segments compressed again +100 % +25 %$/m);
    const isSpoilt = output.includes("this machine was the limit");
    expect(output).toMatch(
      isSpoilt ? /^✗ no verdict on/m : /^✗ .* does not hold with 5 viewers .*segments compressed again$/m,
    );
    expect(code).toBe(isSpoilt ? 1 : 2);
  });

  test.runIf(isExhaustive)("Ctrl-C ends it, with the report written and nothing left running", async () => {
    const page = join(folder, "interrupted.html");
    const running = start("--viewers", "50", "--duration", "600", "--page", "0", "--report", page);
    await underWay(running);
    process.kill(running.pid, "SIGINT");
    // The terminal and npm both pass it on. Later, the second one may come while Node itself ends, and then it counts as a kill.
    await sleep(5);
    process.kill(running.pid, "SIGINT");
    // Ten times what it may take: whatever waits for a request in flight takes 15 s or 45.
    expect(await Promise.race([running.ended.then(() => "ended"), sleep(10_000)])).toBe("ended");
    const { code, output } = await running.ended;
    expect(output).toMatch(/no verdict on .*: the rehearsal ended after \d+ of 600 s\n$/);
    expect({ code, written: existsSync(page) }).toEqual({ code: 1, written: true });
  });

  test.runIf(isExhaustive)("a killed Owncast is named, and the stage does not hold", async () => {
    const running = start("--json", "--duration", "22", "--page", "0", ...lenient, "--max-rebuffer", "5");
    await underWay(running);
    await stand.part("Owncast").stop();
    const { code, output } = await running.ended;
    const cause = /^Owncast was down from \d+ s to the end \(\/api\/status: status 503\)/;
    expectFailure({ code, ...readReport(output) }, "failed requests", cause);
  });
});
