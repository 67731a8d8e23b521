import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { type PublicStatus, readPublicStatus } from "../../lib/public-status.ts";

export interface OffAirOptions {
  /** Owncast's own address. */
  readonly url: string;
  /** Seconds for which the stream must have been off. */
  readonly quietSeconds: number;
  /** Gets a line for people if the wait begins. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Pause between two requests; 2 if left out. */
  readonly pollSeconds?: number;
  /** Time limit of one request, in seconds; 10 if left out. */
  readonly requestSeconds?: number;
  /** A server that does not respond for so long counts as off air; 60 if left out. */
  readonly silentSeconds?: number;
}

const defaults = { pollSeconds: 2, requestSeconds: 10, silentSeconds: 60 } as const;

/**
 * Waits without a limit until an Owncast has been off air for `quietSeconds`. Throws CliError 1 if the signal stops it.
 */
export async function untilOffAir(options: OffAirOptions): Promise<void> {
  const { url, quietSeconds, say, signal, pollSeconds, requestSeconds, silentSeconds } = { ...defaults, ...options };
  // Not the wall clock: if somebody set it ahead, this would end a stream.
  let lastResponseMs = performance.now();
  let seen: SeenStatus | undefined;
  let said = false;
  for (;;) {
    // No response, or one that is not Owncast's, must not end a stream.
    const status = await readPublicStatus(url, { seconds: requestSeconds, signal }).catch(() => undefined);
    if (signal.aborted) throw stopped();
    const nowMs = performance.now();
    if (status) {
      lastResponseMs = nowMs;
      seen = see(seen, status, { nowMs, wallMs: Date.now() });
    }
    if (status ? seen && isQuiet(seen, quietSeconds * 1000, nowMs) : nowMs - lastResponseMs >= silentSeconds * 1000)
      return;
    if (!said) say("waiting until nothing is on air");
    said = true;
    await sleep(pollSeconds * 1000, undefined, { signal }).catch(() => {
      throw stopped();
    });
  }
}

const stopped = () => new CliError(ExitCode.failed, "stopped before the stream was known to be off; nothing was done");

/** A server's status, and since when it has been so. */
export interface SeenStatus {
  readonly status: PublicStatus;
  /** On a clock that nobody sets, as `performance.now`. */
  readonly sinceMs: number;
}

/**
 * Takes a new status into account. Owncast's times come from the wall clock, which somebody may set meanwhile: they count
 * only for a stream that ended before the first look.
 */
export function see(
  before: SeenStatus | undefined,
  status: PublicStatus,
  { nowMs, wallMs }: { readonly nowMs: number; readonly wallMs: number },
): SeenStatus {
  const { lastDisconnectTime } = status;
  const isBusy = isTaken(status);
  if (before && isTaken(before.status) === isBusy && before.status.lastDisconnectTime === lastDisconnectTime)
    return before;
  const ended = lastDisconnectTime ? Date.parse(lastDisconnectTime) : Number.NaN;
  if (!isBusy && Number.isNaN(ended)) return { status, sinceMs: Number.NEGATIVE_INFINITY };
  return { status, sinceMs: before || isBusy ? nowMs : nowMs - Math.max(0, wallMs - ended) };
}

/** Whether a publisher is connected, even if its stream is not online yet. */
const isTaken = ({ online, lastConnectTime }: PublicStatus): boolean => online || Boolean(lastConnectTime);

/** Whether the stream has been off for `quietMs`. A camera that lost its connection reconnects within seconds. */
export const isQuiet = ({ status, sinceMs }: SeenStatus, quietMs: number, nowMs: number): boolean =>
  !isTaken(status) && nowMs - sinceMs >= quietMs;
