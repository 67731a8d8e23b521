import { once } from "node:events";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** The source of frames, and their rate. */
export interface PacerOptions {
  readonly fps: number;
  /** The frame for a time in ms since the epoch. */
  readonly frame: (timeMs: number) => Uint8Array;
  readonly sink: Writable;
  /** Whether the sink still has to process frames, so that nothing is added. `written` counts frames. */
  readonly isBehind: (written: number) => boolean;
  /** Called with the number of frames that were skipped to catch up. */
  readonly onSkip: (frames: number) => void;
  readonly signal: AbortSignal;
}

const lateMs = 1000;
const pollMs = 20;
const mostLooks = 5;

/**
 * Writes `fps` frames per second until aborted. Each shows the time when it was due, so the times are evenly spaced. Waits for a
 * slow sink, and skips frames when it is more than a second late. Resolves when aborted or when the sink is gone.
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
    // Even steps, which still follow the wall clock if somebody sets it.
    const timeMs = Math.round(dueAt(index) + wallClockAheadMs());
    written += 1;
    if (!sink.write(frame(timeMs))) await once(sink, "drain", { signal }).catch(() => {});
  }
}

/** Wall clock minus `performance.now`, in ms. Reads both again if much time passed between the two, as on a busy machine. */
function wallClockAheadMs(): number {
  for (let tries = 0; ; tries++) {
    const before = performance.now();
    const wall = Date.now();
    if (performance.now() - before < 1 || tries === mostLooks) return wall - before;
  }
}
