import { setTimeout as sleep } from "node:timers/promises";
import { type WatchedStage, type WatchState, watcherOf, watchLines } from "../host/stage-watch.ts";
import { paint } from "../lib/colour.ts";
import { LiveBlock } from "../lib/live-block.ts";
import { readerGone } from "../lib/signals.ts";

const refreshMs = 2000;

/** More lines below those of the stage. */
export interface MoreLines {
  readonly lines: readonly string[];
  /** A key that changes only if the lines change in substance. */
  readonly news: string;
}

/**
 * Shows the camera's stream and its faults until `ended`, or until stdout has no reader. A terminal gets a refreshed block; other
 * outputs get a text only when it changes. `more` is read each time.
 */
export async function showStage(
  stage: WatchedStage,
  ended: AbortSignal,
  more: () => Promise<MoreLines> = async () => ({ lines: [], news: "" }),
): Promise<void> {
  const signal = AbortSignal.any([ended, readerGone()]);
  const look = watcherOf(stage);
  const block = process.stdout.isTTY ? new LiveBlock(process.stdout) : undefined;
  let told = "";
  try {
    while (!signal.aborted) {
      const seen = await Promise.all([look(), more()]).catch((error: unknown) => {
        if (!signal.aborted) throw error;
        return undefined;
      });
      if (signal.aborted || !seen) return;
      const [state, besides] = seen;
      const news = newsOf(state) + besides.news;
      const lines = [...watchLines(state, Date.now(), paint), ...besides.lines];
      if (block) block.show(lines);
      else if (news !== told) process.stdout.write(`${lines.join("\n")}\n\n`);
      told = news;
      await sleep(refreshMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    block?.end();
  }
}

/** A key that changes only if the text changes in substance, and not with each measurement. */
function newsOf({ onAir, gate, camera, faults }: WatchState): string {
  const publishers = Object.values(gate?.inputs ?? {}).map(({ publisher }) => publisher?.key ?? null);
  const { findings, hangUp } = camera;
  return JSON.stringify([onAir?.state, publishers, findings.map(({ id }) => id), hangUp?.says, faults]);
}
