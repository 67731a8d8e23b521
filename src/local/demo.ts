import { once } from "node:events";
import type { Assets } from "../../codegen/schema/core/asset.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { step } from "../lib/progress.mjs";
import { isTooSlow, measureEncoder } from "../media/encoder-speed.ts";
import { type Crowd, type CrowdResult, codeWithCrowd, rehearseStage } from "./crowd.ts";
import { isOnlySlow, startCamera, waitUntilProven, watchedAs } from "./on-air.ts";
import type { ShownPorts } from "./ports.ts";
import { type LocalStage, startStage, whenAborted } from "./stage.ts";
import { demoSummary, summaryText, verdictText } from "./summary.ts";
import { showStage } from "./waiting-block.ts";

/** The outer process sends this to the inner one: plain data. */
export interface DemoRun {
  readonly seed: Seed;
  readonly assets: Assets;
  /** The differences between the seed and the stage file, a sentence each. */
  readonly differences: readonly string[];
  /** The folder with secrets that a person gave. */
  readonly secretsDir: string | undefined;
  /** Private folder of this run; removed when the demo ends. */
  readonly folder: string;
  /** Kept between runs: Caddy's storage with its certificate authority. */
  readonly caddyDir: string;
  readonly ports: ShownPorts;
  /** Prove every rendition, then end. */
  readonly once: boolean;
  /** Push the synthetic camera; without it the demo waits for a person's own. */
  readonly camera: boolean;
  /** Viewers who rehearse the stage once it plays; undefined without a rehearsal. */
  readonly crowd: Crowd | undefined;
  readonly json: boolean;
  /** Say each request to a web server. */
  readonly verbose: boolean;
  /** The user that started it: inside the namespaces every user may look like root. */
  readonly user: string;
}

/**
 * Runs a stage from nothing to a proven stream, and then until `signal` unless it is `once`. `onUp` is called when only an
 * interrupt can end it. Resolves to the exit code; throws a CliError that names the part that failed.
 */
export async function runDemo(run: DemoRun, signal: AbortSignal, onUp: () => void): Promise<ExitCode> {
  const stage = await startStage({ ...run, signal, step });
  const stopped = whenAborted(signal);
  /** Work that ends early when a part dies or a signal stops the demo. */
  const guard = <Result>(work: Promise<Result>) => Promise.race([work, stopped, stage.anyDied()]);
  const guarded: Guarded = (title, work) => step(title, (note) => guard(work(note)));
  // It shows its progress itself.
  const rehearsed = (crowd: Crowd) => guard(rehearseStage(stage, crowd));
  try {
    const code = run.camera ? await proveCamera(run, stage, { guarded, rehearsed }) : undefined;
    if (code !== undefined) return code;
    if (!run.camera) print(run, demoSummary(run, stage));
    onUp();
    const shown = run.json ? [] : [showStage(watchedAs(stage), signal).then(() => untilAborted(signal))];
    return await Promise.race([untilAborted(signal), ...shown, stage.anyDied()]);
  } finally {
    await stage.stop();
  }
}

/** A step's work. It may `note` its progress. */
type Guarded = <Result>(title: string, work: (note: (text: string) => void) => Promise<Result>) => Promise<Result>;

/** Resolves to the exit code if that is the end; throws if the stream does not play. */
async function proveCamera(
  run: DemoRun,
  stage: LocalStage,
  { guarded, rehearsed }: { readonly guarded: Guarded; readonly rehearsed: (crowd: Crowd) => Promise<CrowdResult> },
): Promise<ExitCode | undefined> {
  await guarded("Publishing a synthetic camera", () => startCamera(stage));
  const report = await guarded("Waiting until every rendition plays", (note) => waitUntilProven(stage, note));
  const speed = await guarded("Measuring the encoder", () => measureEncoder(stage.hlsDir));
  // A crowd says nothing new about a stream that a single viewer cannot play.
  const crowd = run.crowd && isOnlySlow(report) ? await rehearsed(run.crowd) : undefined;
  print(run, demoSummary(run, stage, { speed, report, crowd: crowd?.report }));
  if (run.once) return codeWithCrowd(report.faults.length === 0 && !isTooSlow(speed), crowd?.code);
  // If a stage is only too slow, a person can still look at it and change its file.
  if (isOnlySlow(report)) return undefined;
  throw new CliError(ExitCode.differs, "the stream does not play as the stage file says; see the verdicts above");
}

function print({ json, once: onlyOnce }: DemoRun, summary: ReturnType<typeof demoSummary>): void {
  const text = onlyOnce ? verdictText(summary) : summaryText(summary);
  process.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : text);
}

async function untilAborted(signal: AbortSignal): Promise<ExitCode> {
  if (!signal.aborted) await once(signal, "abort");
  return ExitCode.done;
}
