import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../lib/errors.ts";
import type { SpokenSentence } from "../publish/spoken-times.ts";
import { type RunningCaptions, spokenLanguage } from "./captions.ts";
import { type CaptionsFigures, captionsFigures } from "./captions-figures.ts";
import { watchCaptions } from "./captions-watch.ts";
import type { LocalStage } from "./stage.ts";

/** What a viewer got of the demo's captions, and what they cost. `--json` prints it unchanged. */
export interface CaptionsReport extends CaptionsFigures {
  /** The tracks that players offer, by the names that viewers read. */
  readonly tracks: readonly string[];
  /** From the moment a word could be heard at the live edge to its caption, in seconds; null before the first word. */
  readonly delaySeconds: { readonly p50: number | null; readonly p95: number | null };
  /** The speech server's working time for a second of sound; null before the first answer. */
  readonly realTimeFactor: number | null;
  /** Processors in use while a viewer watched, and memory at the end. */
  readonly cost: {
    readonly service: ProcessCost;
    readonly speech: ProcessCost;
  };
}

interface ProcessCost {
  readonly processors: number;
  readonly memoryMb: number;
}

/** Fewer right words in their own segments are a fault. */
export const leastOwnShare = 0.6;
const watchedSeconds = 40;
const watchedWithinSeconds = 150;
const readyWithinMs = 30_000;

/** Resolves when players are offered a track of the spoken language. Throws CliError 1 after 30 s. */
export async function untilReady({ state }: RunningCaptions): Promise<void> {
  for (const until = performance.now() + readyWithinMs; ; await sleep(100)) {
    const { tracks } = await state().catch(() => ({ tracks: [] }));
    if (tracks.some(({ language, ready }) => language === spokenLanguage && ready)) return;
    if (performance.now() > until)
      throw new CliError(ExitCode.failed, "the speech server was not ready within 30 s", "read its log: speech.log");
  }
}

/** Watches the captions as a viewer does, and compares them with what the camera said. */
export async function proveCaptions(
  stage: LocalStage,
  captions: RunningCaptions,
  sentences: readonly SpokenSentence[],
  note: (text: string) => void,
): Promise<CaptionsReport> {
  const before = { atMs: performance.now(), ...captions.use() };
  const watched = await watchCaptions(stage, {
    ...{ language: spokenLanguage, seconds: watchedSeconds, withinSeconds: watchedWithinSeconds, note },
  });
  const after = { atMs: performance.now(), ...captions.use() };
  const { tracks } = await captions.state();
  const spoken = tracks.find(({ language }) => language === spokenLanguage);
  const cost = (part: "service" | "speech"): ProcessCost => ({
    processors: ((after[part].cpuSeconds - before[part].cpuSeconds) * 1000) / (after.atMs - before.atMs),
    memoryMb: Math.round(after[part].memoryBytes / 1e6),
  });
  return {
    ...captionsFigures(watched, sentences),
    tracks: tracks.filter(({ ready }) => ready).map(({ name }) => name),
    delaySeconds: { p50: spoken?.wordSeconds.p50 ?? null, p95: spoken?.wordSeconds.p95 ?? null },
    realTimeFactor: spoken?.speech?.realTimeFactor ?? null,
    cost: { service: cost("service"), speech: cost("speech") },
  };
}

/** Whether viewers can follow the captions. */
export const areGoodCaptions = ({ inOwnSegmentShare }: CaptionsReport): boolean => inOwnSegmentShare >= leastOwnShare;

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
const seconds = (value: number | null): string => (value === null ? "unknown" : `${value.toFixed(1)} s`);

/** The report for a person. */
export function captionsLines(report: CaptionsReport): string[] {
  const { tracks, spokenWords, wordErrorRate, inOwnSegmentShare, delaySeconds, realTimeFactor, cost } = report;
  const costOf = ({ processors, memoryMb }: ProcessCost) => `${processors.toFixed(2)} processors, ${memoryMb} MB`;
  return [
    `  tracks: ${tracks.join(", ") || "none"}`,
    `  ${areGoodCaptions(report) ? "✓" : "✗"} of ${spokenWords} spoken words, ${percent(inOwnSegmentShare)} are right and on the screen within the segment in which they are spoken`,
    `  word error rate: ${percent(wordErrorRate)}`,
    `  from a word at the live edge to its caption: ${seconds(delaySeconds.p50)} (median), ${seconds(delaySeconds.p95)} (95th percentile)`,
    `  the engine works ${realTimeFactor?.toFixed(2) ?? "?"} s for a second of sound`,
    `  captions service: ${costOf(cost.service)}; speech server: ${costOf(cost.speech)}`,
  ];
}
