import { once } from "node:events";
import { join } from "node:path";
import type { Assets } from "../../codegen/schema/core/asset.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { step } from "../lib/progress.mjs";
import { isTooSlow, measureEncoder } from "../media/encoder-speed.ts";
import { speechOf } from "../publish/speech.ts";
import type { SpokenSentence } from "../publish/spoken-times.ts";
import type { StorageReport } from "../storage/check-storage.ts";
import type { ObjectStorage } from "../storage/object-storage.ts";
import { type CaptionPrograms, type RunningCaptions, startCaptions } from "./captions.ts";
import { areGoodCaptions, proveCaptions, untilReady } from "./captions-proof.ts";
import { type Crowd, type CrowdResult, codeWithCrowd, rehearseStage } from "./crowd.ts";
import { checkOwnStorage, isGoodStorage, isPlayedFrom, makeStorageKeys, startStorage } from "./demo-storage.ts";
import { prepareEdges, type RunningEdges, startEdges } from "./edges.ts";
import { proveEdges, readEdges } from "./edges-proof.ts";
import { edgeCommands, edgesBlock, unreadEdges } from "./edges-text.ts";
import { isOnlySlow, startCamera, waitUntilProven, watchedAs } from "./on-air.ts";
import type { ShownPorts } from "./ports.ts";
import { type LocalStage, startStage, whenAborted } from "./stage.ts";
import { demoSummary, summaryText, verdictText } from "./summary.ts";
import { talk } from "./talk.ts";
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
  /** The ports of the edges, one for each; none without edges. */
  readonly edgePorts: readonly number[];
  /** What makes the captions; undefined without them. */
  readonly captions: CaptionPrograms | undefined;
  /** The port of the demo's own object storage, which the seed names; undefined without one. */
  readonly storagePort: number | undefined;
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
  const { folder, ports, edgePorts } = run;
  const prepared =
    edgePorts.length > 0 ? await prepareEdges(folder, `https://localhost:${ports.https}`, edgePorts) : undefined;
  if (run.storagePort !== undefined) await makeStorageKeys(join(folder, "secrets"));
  const stage = await startStage({ ...run, edges: prepared, signal, step });
  const stopped = whenAborted(signal);
  /** Work that ends early when a part dies or a signal stops the demo. */
  const guard = <Result>(work: Promise<Result>) => Promise.race([work, stopped, stage.anyDied()]);
  const guarded: Guarded = (title, work) => step(title, (note) => guard(work(note)));
  // It shows its progress itself.
  const rehearsed = (crowd: Crowd) => guard(rehearseStage(stage, crowd));
  try {
    const edges =
      prepared &&
      (await guarded("Starting the edges, the steering service and viewers", () => startEdges(stage, prepared)));
    const bucket = run.storagePort === undefined ? undefined : await openBucket(stage, guarded, signal);
    const captions = run.captions && (await openCaptions(stage, run.captions, guarded));
    const more = { ...(edges && { edges }), ...(bucket && { bucket }), ...(captions && { captions }) };
    const code = run.camera ? await proveCamera(run, stage, { guarded, rehearsed, ...more }) : undefined;
    if (code !== undefined) return code;
    if (!run.camera) await printWaiting(run, stage, more);
    onUp();
    const besides = edges && (() => readEdges(edges).then(edgesBlock, unreadEdges));
    const shown = run.json ? [] : [showStage(watchedAs(stage), signal, besides).then(() => untilAborted(signal))];
    return await Promise.race([untilAborted(signal), ...shown, stage.anyDied()]);
  } finally {
    await stage.stop();
  }
}

/** A step's work. It may `note` its progress. */
type Guarded = <Result>(title: string, work: (note: (text: string) => void) => Promise<Result>) => Promise<Result>;

/** The demo's object storage, and what the check of it found. */
interface Bucket {
  readonly storage: ObjectStorage;
  readonly check: StorageReport;
}

/** What serves the video besides the stage itself. */
interface Elsewhere {
  readonly edges?: RunningEdges;
  readonly bucket?: Bucket;
  readonly captions?: RunningCaptions;
}

async function openBucket(stage: LocalStage, guarded: Guarded, signal: AbortSignal): Promise<Bucket> {
  const storage = await guarded("Starting the object storage", () => startStorage(stage));
  const check = await guarded("Checking the bucket as Owncast and browsers use it", (note) =>
    checkOwnStorage(storage, stage, note, signal),
  );
  return { storage, check };
}

async function openCaptions(stage: LocalStage, programs: CaptionPrograms, guarded: Guarded): Promise<RunningCaptions> {
  const captions = await startCaptions(stage, programs);
  await guarded("Starting the speech server and the captions service", () => untilReady(captions));
  return captions;
}

interface Proving extends Elsewhere {
  readonly guarded: Guarded;
  readonly rehearsed: (crowd: Crowd) => Promise<CrowdResult>;
}

/** Resolves to the exit code if that is the end; throws if the stream does not play. */
async function proveCamera(
  run: DemoRun,
  stage: LocalStage,
  { guarded, rehearsed, edges, bucket, captions }: Proving,
): Promise<ExitCode | undefined> {
  const sentences: SpokenSentence[] = [];
  const speech = captions && speechOf(Buffer.from(talk), { file: "the demo's talk", loop: true });
  const onSpoken = (sentence: SpokenSentence) => keepLast(sentences, sentence);
  await guarded("Publishing a synthetic camera", () => startCamera(stage, { speech, onSpoken }));
  const report = await guarded("Waiting until every rendition plays", (note) => waitUntilProven(stage, note));
  const speed = await guarded("Measuring the encoder", () => measureEncoder(stage.hlsDir));
  // Crowd and edges say nothing new about a stream that a single viewer cannot play.
  const plays = isOnlySlow(report);
  const crowd = run.crowd && plays ? await rehearsed(run.crowd) : undefined;
  const byEdges =
    edges && plays
      ? await guarded("Waiting until viewers play by every edge", (note) => proveEdges(edges, note))
      : undefined;
  const storage = bucket && {
    check: bucket.check,
    isPlayed: plays ? await isPlayedFrom(bucket.storage, stage) : null,
  };
  const captioned =
    captions && plays
      ? await guarded("Comparing the captions with what the camera says", (note) =>
          proveCaptions(stage, captions, sentences, note),
        )
      : undefined;
  const findings = {
    ...{ speed, report, crowd: crowd?.report, storage, captions: captioned, morePorts: morePorts(run) },
    edges: edges && byEdges && { ...byEdges, commands: edgeCommands(edges) },
  };
  print(run, demoSummary(run, stage, findings));
  const isGood =
    (byEdges?.faults.length ?? 0) === 0 &&
    (!storage || isGoodStorage(storage)) &&
    (!captioned || areGoodCaptions(captioned));
  if (run.once) return codeWithCrowd(report.faults.length === 0 && !isTooSlow(speed) && isGood, crowd?.code);
  // If a stage is only too slow, a person can still look at it and change its file.
  if (plays) return undefined;
  throw new CliError(ExitCode.differs, "the stream does not play as the stage file says; see the verdicts above");
}

const mostSentences = 1000;

function keepLast(sentences: SpokenSentence[], sentence: SpokenSentence): void {
  sentences.push(sentence);
  if (sentences.length > mostSentences) sentences.shift();
}

/** Prints what a person needs while no camera publishes. */
async function printWaiting(run: DemoRun, stage: LocalStage, { edges, bucket }: Elsewhere): Promise<void> {
  const commands = edges && { commands: edgeCommands(edges) };
  // Nobody watches yet, which is no fault.
  const byEdges = edges && commands && { ...(await readEdges(edges)), faults: [], ...commands };
  const storage = bucket && { check: bucket.check, isPlayed: null };
  print(run, demoSummary(run, stage, { edges: byEdges, storage, morePorts: morePorts(run) }));
}

const morePorts = ({ edgePorts, storagePort }: DemoRun): number[] => [
  ...edgePorts,
  ...(storagePort === undefined ? [] : [storagePort]),
];

function print({ json, once: onlyOnce }: DemoRun, summary: ReturnType<typeof demoSummary>): void {
  const text = onlyOnce ? verdictText(summary) : summaryText(summary);
  process.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : text);
}

async function untilAborted(signal: AbortSignal): Promise<ExitCode> {
  if (!signal.aborted) await once(signal, "abort");
  return ExitCode.done;
}
