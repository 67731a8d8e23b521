import { setTimeout as sleep } from "node:timers/promises";
import type { CaptionedSegment } from "../captions/caption-writer.ts";
import type { Shown } from "./captions-menu.ts";

/** A look at the player. */
export interface CaptionSample extends Shown {
  readonly seconds: number;
  /** The mark of the segment that the frame belongs to; undefined if no captions were written for it. */
  readonly expected: string | undefined;
  readonly isRight: boolean;
}

export interface SampleOptions {
  readonly count: number;
  readonly everySeconds: number;
  /** A cue may come or go so much beside its segment's own frames: the length of a frame. */
  readonly frameMs: number;
  /** Runs once half of the samples are taken; they go on meanwhile. */
  readonly halfway?: () => Promise<unknown>;
}

/** Looks at a player again and again. Cues are compared once all are taken: by then, every segment's captions are known. */
export async function sampleCaptions(
  look: () => Promise<Shown>,
  segments: readonly CaptionedSegment[],
  { count, everySeconds, frameMs, halfway = async () => {} }: SampleOptions,
): Promise<CaptionSample[]> {
  const startedMs = Date.now();
  const seen: (Shown & { readonly seconds: number })[] = [];
  let meanwhile: Promise<unknown> = Promise.resolve();
  for (let taken = 0; taken < count; taken++) {
    if (taken === Math.floor(count / 2)) meanwhile = halfway();
    // Steps that are no multiple of a segment's length meet every place in it.
    await sleep(startedMs + taken * everySeconds * 1000 - Date.now());
    seen.push({ seconds: (Date.now() - startedMs) / 1000, ...(await look()) });
  }
  await meanwhile;
  return seen.map((one) => {
    const { clockMs = 0, text } = one;
    const expected = segments.find(({ fromMs, untilMs }) => fromMs <= clockMs && clockMs <= untilMs)?.mark;
    const near = segments.filter(({ fromMs, untilMs }) => fromMs - frameMs <= clockMs && clockMs <= untilMs + frameMs);
    return { ...one, expected, isRight: near.some(({ mark }) => text.includes(mark)) };
  });
}

/** The samples as a table, for a person. */
export function samplesTable(samples: readonly CaptionSample[]): string {
  const rows = samples.map(({ seconds, clockMs, expected = "none", text, isRight }) =>
    [
      seconds.toFixed(1).padStart(6),
      (clockMs === undefined ? "no clock" : new Date(clockMs).toISOString().slice(11, 23)).padEnd(12),
      expected.padEnd(8),
      isRight ? "✓" : "✗",
      text.replaceAll("\n", " / "),
    ].join("  "),
  );
  const right = samples.filter(({ isRight }) => isRight).length;
  return [
    "     s  frame         segment     cue on the screen",
    ...rows,
    `${right} of ${samples.length} right`,
    "",
  ].join("\n");
}
