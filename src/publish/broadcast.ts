import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../lib/errors.ts";
import { type PublisherOptions, StreamLost, startPublisher } from "./publisher.ts";
import { ratesOf, type StreamStats, type StreamTotals } from "./stream-meter.ts";

/** An event of a broadcast. */
export type BroadcastEvent =
  /** The server has accepted the stream; `again` after a loss. */
  | { readonly kind: "connected"; readonly again: boolean }
  /** The stream was lost, or a reconnect failed. The next reconnect follows after the pause. */
  | { readonly kind: "lost"; readonly error: CliError; readonly attempt: number; readonly pauseSeconds: number };

/** Options for reconnects. */
export interface BroadcastControl {
  readonly signal: AbortSignal;
  /** Reconnect when an accepted stream is lost. */
  readonly reconnect: boolean;
  readonly onEvent: (event: BroadcastEvent) => void;
  /** Seconds to wait before a reconnect, which are numbered from 1; `backoffSeconds` if left out. */
  readonly pauseSeconds?: (attempt: number) => number;
}

/** A camera that reconnects. */
export interface Broadcast {
  /**
   * As a Publisher's `finished`, over all connections. It rejects if the first connection fails. After a loss it retries for as long
   * as the server cannot be reached; it gives up (77) when the server refuses the stream five times in a row.
   */
  readonly finished: Promise<BroadcastStats>;
  stats(): StreamTotals;
}

/** The data sent over all connections; `seconds` is the time on air. */
export type BroadcastStats = StreamStats & { readonly reconnects: number };

const longestPauseSeconds = 30;
// Owncast refuses a publisher until the lost one's connection has timed out.
const refusalsBelieved = 5;
const nothing: StreamTotals = { seconds: 0, frames: 0, skippedFrames: 0, bytes: 0 };

/** Doubles from 1 s to 30 s; half of it is random, so that cameras lost together do not reconnect together. */
export const backoffSeconds = (attempt: number): number =>
  Math.min(longestPauseSeconds, 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);

/** Starts a broadcast. Aborting the signal ends it properly, also between two attempts. */
export function startBroadcast(options: PublisherOptions, control: BroadcastControl): Broadcast {
  let before = nothing;
  let current: () => StreamTotals = () => nothing;
  const stats = () => sum(before, current());
  const run = async (): Promise<BroadcastStats> => {
    const attempts = new Attempts(options.durationSeconds);
    for (;;) {
      const publisher = startPublisher(
        { ...options, durationSeconds: attempts.leftSeconds() },
        { signal: control.signal },
      );
      current = publisher.stats;
      publisher.started.then(
        () => control.onEvent({ kind: "connected", again: attempts.accepted() }),
        () => {},
      );
      const error = await publisher.finished.then(
        () => undefined,
        (reason: Error) => reason,
      );
      before = stats();
      current = () => nothing;
      if (!error || control.signal.aborted) break;
      if (!control.reconnect || !attempts.isWorthAnother(error)) throw error;
      await pause(attempts, error, control);
      if (control.signal.aborted) break;
      if (attempts.leftSeconds() === 0) throw error;
    }
    return { ...before, ...ratesOf(before, options.fps), reconnects: attempts.reconnects };
  };
  return { finished: run(), stats };
}

async function pause(
  attempts: Attempts,
  error: CliError,
  { signal, onEvent, pauseSeconds = backoffSeconds }: BroadcastControl,
): Promise<void> {
  const attempt = attempts.next();
  const wanted = pauseSeconds(attempt);
  onEvent({ kind: "lost", error, attempt, pauseSeconds: wanted });
  const seconds = Math.min(wanted, attempts.leftSeconds() ?? wanted);
  await sleep(seconds * 1000, undefined, { signal }).catch(() => {});
}

/** Counts attempts, and decides whether to try again. */
class Attempts {
  reconnects = 0;
  readonly #durationSeconds: number | undefined;
  #attempt = 0;
  #refusals = 0;
  #firstAtMs: number | undefined;
  #acceptedAtMs = 0;

  constructor(durationSeconds: number | undefined) {
    this.#durationSeconds = durationSeconds;
  }

  /** The server has accepted the stream. Returns whether it had before. */
  accepted(): boolean {
    const again = this.#firstAtMs !== undefined;
    this.#acceptedAtMs = performance.now();
    this.#firstAtMs ??= this.#acceptedAtMs;
    this.#refusals = 0;
    if (again) this.reconnects += 1;
    return again;
  }

  /** The rest of the duration; undefined without one. */
  leftSeconds(): number | undefined {
    if (this.#durationSeconds === undefined) return undefined;
    const gone = this.#firstAtMs === undefined ? 0 : (performance.now() - this.#firstAtMs) / 1000;
    return Math.max(0, this.#durationSeconds - gone);
  }

  isWorthAnother(error: Error): error is CliError {
    if (this.#firstAtMs === undefined || !(error instanceof CliError)) return false;
    if (error.exitCode === ExitCode.refused) return ++this.#refusals < refusalsBelieved;
    return error.exitCode === ExitCode.unreachable || error instanceof StreamLost;
  }

  /** The number of the next attempt. It restarts at 1 after a stream that lasted longer than the longest pause. */
  next(): number {
    const lastedSeconds = (performance.now() - this.#acceptedAtMs) / 1000;
    if (this.#acceptedAtMs > 0 && lastedSeconds > longestPauseSeconds) this.#attempt = 0;
    this.#acceptedAtMs = 0;
    return ++this.#attempt;
  }
}

const sum = (a: StreamTotals, b: StreamTotals): StreamTotals => ({
  seconds: Number((a.seconds + b.seconds).toFixed(3)),
  frames: a.frames + b.frames,
  skippedFrames: a.skippedFrames + b.skippedFrames,
  bytes: a.bytes + b.bytes,
});
