import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordClock } from "../../checks/lib/far/clocked-video.ts";
import { watchInChromium } from "../../checks/lib/far/far-browser.ts";
import { type FarStage, type FarStageOptions, startFarStage } from "../../checks/lib/far/far-stage.ts";
import { type FarView, type Protocol, pullFrom, watchFrom } from "../../checks/lib/far/far-viewer.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../../checks/lib/process/private-network.ts";
import { levels } from "../../codegen/schema/owncast/ladder.ts";
import { findProgram } from "../../src/lib/programs.ts";
import { step } from "../../src/lib/progress.mjs";
import { type LineOptions, layLine } from "../../src/rehearse/link.ts";
import { owncastVersion } from "../../tools/owncast/build.mjs";
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
import {
  type BrowserPlan,
  nameOf,
  type Plan,
  planFor,
  type RatesPlan,
  type Sender,
  type StallsPlan,
  senders,
} from "./plan.ts";
import { untilConclusive } from "./repeat.ts";

const mbps = 20;
const pullSeconds = 12;
const watchSeconds = 65;
const rateKbps = 3200;
const stallRoundTrip = { roundTripMs: 250, lossPercent: 0.5 } as const;
// Longer than any viewer is behind.
const clockSeconds = 120;

const steadyStage = "checks/lib/far/far-stage.yaml";
const ladderStage = "checks/lib/far/far-ladder.yaml";

const ways: Readonly<Record<Sender, { protocol: Protocol; congestion?: NonNullable<LineOptions["congestion"]> }>> = {
  cubic: { protocol: "h2", congestion: "cubic" },
  // It has its own congestion control, which no setting of the kernel reaches.
  "HTTP/3": { protocol: "h3" },
  BBR: { protocol: "h2", congestion: "bbr" },
};

/**
 * Measures a stage's viewers far away, by each sender. `LECTERN_BENCH_FAR` says what (see `planFor`): without it, a usual set that takes
 * about ten minutes. Figures of a busy machine are measured up to three times. Rejects when `signal` aborts.
 */
export async function runFar(folder: string, signal: AbortSignal): Promise<void> {
  const plans = planFor(process.env.LECTERN_BENCH_FAR ?? "");
  const ofPart = <Part extends Plan["part"]>(part: Part) =>
    plans.filter((plan): plan is Extract<Plan, { part: Part }> => plan.part === part);
  const caddy = spawnSync(findProgram("caddy"), ["version"], { encoding: "utf8" }).stdout.trim().split(" ")[0];
  const browser = ofPart("browser").length > 0 ? `, ${chromiumVersion()}` : "";
  console.log(`  Owncast ${owncastVersion}, Caddy ${caddy}${browser}, lines of ${mbps} Mbit/s with a queue of 100 ms`);
  const network = await makePrivateNetwork();
  const bench = { folder, signal, network };
  try {
    const rates = await measureRates(bench, ofPart("rates"));
    const stalls = await measureStalls(bench, ofPart("stalls"));
    const browsers = await measureBrowsers(bench, ofPart("browser"));
    for (const table of [rateTable(rates), stallTable(stalls), browserTable(browsers, watchSeconds)])
      if (table.length > 0) for (const line of ["", ...table]) console.log(line && `  ${line}`);
    console.log(lastLine({ rates, stalls, browsers }));
  } finally {
    await network.stop();
  }
}

const chromiumVersion = () => spawnSync(process.env.CHROMIUM ?? "", ["--version"], { encoding: "utf8" }).stdout.trim();

interface Bench {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** The viewers'. */
  readonly network: PrivateNetwork;
}

async function measureRates(bench: Bench, plans: readonly RatesPlan[]): Promise<RateCell[]> {
  const cells: RateCell[] = [];
  if (plans.length === 0) return cells;
  await onStage(bench, steadyStage, {}, async (stage) => {
    await step("Starting a camera", () => stage.film(rateKbps));
    for (const plan of plans) {
      const pull = (view: FarView) => pullFrom({ ...view, url: stage.longFile }, pullSeconds);
      const cell = { ...plan, mbps: await bySender(bench, plan, plan, stage, pull) };
      cells.push(cell);
      console.log(`  ${rateLine(cell)}`);
    }
  });
  return cells;
}

async function measureStalls(bench: Bench, plans: readonly StallsPlan[]): Promise<StallCell[]> {
  const cells: StallCell[] = [];
  for (const length of new Set(plans.map(({ segmentSeconds }) => segmentSeconds)))
    await onStage(bench, stageWith(bench.folder, length), {}, async (stage) => {
      for (const plan of plans.filter(({ segmentSeconds }) => segmentSeconds === length)) {
        await step(`Starting a camera of ${plan.kbps} kbit/s`, () => stage.film(plan.kbps));
        const watch = (view: FarView) => watchFrom(view, watchSeconds);
        const cell = { ...plan, watched: await bySender(bench, plan, stallRoundTrip, stage, watch) };
        cells.push(cell);
        console.log(`  ${stallLine(cell, watchSeconds)}`);
      }
    });
  return cells;
}

/** One browser at a time: each takes a processor. HTTP/3 needs a Caddy that offers it, and the other two one that does not. */
async function measureBrowsers(bench: Bench, plans: readonly BrowserPlan[]): Promise<BrowserCell[]> {
  const cells: BrowserCell[] = [];
  if (plans.length === 0) return cells;
  const tags = await step("Recording a camera with a clock", () => recordClock(clockSeconds));
  for (const http3 of [false, true]) {
    const some = plans.filter(({ sender }) => (ways[sender].protocol === "h3") === http3);
    if (some.length === 0) continue;
    await onStage(bench, ladderStage, { http3 }, async (stage) => {
      const { caFile, page } = stage;
      const beganAtMs = await step("Starting the camera", () => stage.play(tags, clockSeconds));
      const watch = (address: string) =>
        watchInChromium(
          { network: bench.network, caFile, address, page, http3 },
          { beganAtMs, loopSeconds: clockSeconds },
          watchSeconds,
        );
      for (const plan of some) {
        const { sender } = plan;
        const measured = await repeatedly(bench, nameOf(plan), [sender], () => overLine(bench, sender, plan, watch));
        const cell = { ...plan, seen: measured[sender] };
        cells.push(cell);
        console.log(`  ${browserLine(cell, watchSeconds)}`);
      }
    });
  }
  return plans.flatMap((plan) => cells.filter((cell) => nameOf(cell) === nameOf(plan)));
}

async function onStage(
  { signal }: Bench,
  file: string,
  options: FarStageOptions,
  use: (stage: FarStage) => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const stage = await step("Starting a stage", () => startFarStage(file, options));
  try {
    await use(stage);
  } finally {
    await stage.stop();
  }
}

/** The steady stage's file with the latency level whose segments have this length. */
function stageWith(folder: string, segmentSeconds: number): string {
  const file = join(folder, `segments-of-${segmentSeconds}.yaml`);
  const level = levels[segmentSeconds - 1];
  writeFileSync(file, readFileSync(steadyStage, "utf8").replace(/^ {2}latency: .*$/m, `  latency: ${level}`));
  return file;
}

/** Measures all senders at once. */
const bySender = <Value>(
  bench: Bench,
  plan: Plan,
  options: Pick<LineOptions, "roundTripMs" | "lossPercent">,
  { caFile, playlist: url }: FarStage,
  measure: (view: FarView) => Promise<Value>,
): Promise<BySender<Value>> =>
  repeatedly(bench, nameOf(plan), senders, (sender) =>
    overLine(bench, sender, options, (address) =>
      measure({ network: bench.network, protocol: ways[sender].protocol, caFile, address, url }),
    ),
  );

/** Measures once more what came out late, and shows that. */
function repeatedly<Value>(
  { signal }: Bench,
  name: string,
  of: readonly Sender[],
  measure: (sender: Sender) => Promise<{ value: Value; latePercent: number }>,
): Promise<BySender<Value>> {
  signal.throwIfAborted();
  return step(`Measuring ${name}`, (note) =>
    untilConclusive(of, measure, (again, round) =>
      note(`${again.join(", ")} again, try ${round}: too many packets were late`),
    ),
  );
}

let lines = 0;

/** Measures over a line of its own. Its addresses are new: servers may still send to those of the line before. */
async function overLine<Value>(
  { network, signal }: Bench,
  sender: Sender,
  { roundTripMs, lossPercent }: Pick<LineOptions, "roundTripMs" | "lossPercent">,
  measure: (address: string) => Promise<Value>,
): Promise<{ value: Value; latePercent: number }> {
  signal.throwIfAborted();
  const { congestion } = ways[sender];
  const options = { roundTripMs, ...(lossPercent !== undefined && { lossPercent }), mbps };
  const number = lines++ % 256;
  const line = await layLine(
    { far: network },
    { ...options, number, seed: senders.indexOf(sender) + 1, ...(congestion && { congestion }) },
  );
  const [value] = await Promise.allSettled([measure(line.nearAddress)]);
  const { down, up } = await line.end();
  if (value.status === "rejected") throw value.reason;
  return { value: value.value, latePercent: Math.max(down.latePercent, up.latePercent) };
}
