import type { VariantState } from "./variant-state.ts";

// A session's first segment is there its own length after the wipe and this. Measured: 0.1 s less to 0.8 s more, the sooner the more
// pictures a second are filmed; 2.7 s on busy machines.
const start = { leastMs: -100, usualMs: 800, mostMs: 4000 };
// Caddy gives a request up after five seconds, and players may do so sooner.
const mostWaitMs = 2000;
const mostWaiting = 10_000;

/** Whether a lost publisher's first segment of a variant comes before a player asks again; `wipedMs` as he connected. */
export function isAboutToGoOn(
  variant: VariantState | undefined,
  { wipedMs, nowMs }: { readonly wipedMs: number | undefined; readonly nowMs: number },
): boolean {
  if (wipedMs === undefined || variant?.phase !== "held") return false;
  const segmentMs = variant.targetDuration * 1000;
  // With nothing new a player asks after half a segment. But not so early that he would be let go just before it comes.
  const fromMs = Math.max(segmentMs / 2 + start.leastMs, segmentMs + start.usualMs - mostWaitMs);
  return nowMs - wipedMs >= fromMs && nowMs - wipedMs <= segmentMs + start.mostMs;
}

/** Players whose answer waits for something new of a variant. */
export class Waiting {
  #waiting: { readonly variant: number; readonly untilMs: number; readonly go: () => void }[] = [];

  /** Resolves when the player is let go, after 2 s at most; at once where too many wait already. */
  async wait({ variant, nowMs }: { readonly variant: number; readonly nowMs: number }): Promise<void> {
    if (this.#waiting.length >= mostWaiting) return;
    await new Promise<void>((go) => this.#waiting.push({ variant, untilMs: nowMs + mostWaitMs, go }));
  }

  /** Lets go who has waited long enough, or waits for a variant that is not to be waited for any longer. */
  release(nowMs: number, isToWaitFor: (variant: number) => boolean): void {
    const before = this.#waiting;
    this.#waiting = [];
    for (const waiting of before) {
      if (nowMs < waiting.untilMs && isToWaitFor(waiting.variant)) this.#waiting.push(waiting);
      else waiting.go();
    }
  }
}
