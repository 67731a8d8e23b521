import { once } from "node:events";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** What the pacer feeds and how. */
export interface PacerOptions {
  readonly fps: number;
  /** The picture for a wall-clock time in ms since the epoch. */
  readonly frame: (timeMs: number) => Uint8Array;
  readonly sink: Writable;
  /** Whether what was written so far has not been taken yet: then nothing is added. `written` counts frames. */
  readonly isBehind: (written: number) => boolean;
  /** Called with how many frames were left out to be on time again. */
  readonly onSkip: (frames: number) => void;
  readonly signal: AbortSignal;
}

const lateMs = 1000;
const pollMs = 20;
const mostLooks = 5;

/**
 * Writes one frame every 1/fps of a second until aborted, each carrying the time it was due, so that frames are evenly apart.
 * Waits for a slow sink; more than a second late it leaves frames out rather than lag. Resolves when aborted or the sink is gone.
 */
export async function paceFrames({ fps, frame, sink, isBehind, onSkip, signal }: PacerOptions): Promise<void> {
  const start = performance.now();
  const dueAt = (index: number) => start + (index * 1000) / fps;
  let written = 0;
  for (let index = 0; !signal.aborted; index++) {
    while (isBehind(written) && !signal.aborted && !sink.destroyed) await sleep(pollMs);
    const lateBy = performance.now() - dueAt(index);
    if (lateBy > lateMs) {
      const skipped = Math.floor((lateBy * fps) / 1000);
      index += skipped;
      onSkip(skipped);
    }
    await sleep(Math.max(0, dueAt(index) - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted || sink.destroyed) return;
    // By the wall clock of now: even steps, and yet right when the wall clock is set.
    const timeMs = Math.round(dueAt(index) + wallClockAheadMs());
    written += 1;
    if (!sink.write(frame(timeMs))) await once(sink, "drain", { signal }).catch(() => {});
  }
}

/** What the wall clock shows beyond `performance.now`. On a busy machine much time may pass between two looks: then it looks again. */
function wallClockAheadMs(): number {
  for (let tries = 0; ; tries++) {
    const before = performance.now();
    const wall = Date.now();
    if (performance.now() - before < 1 || tries === mostLooks) return wall - before;
  }
}
