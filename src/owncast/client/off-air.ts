import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { told } from "../../lib/requests.ts";
import { bodyOf } from "../../lib/response-body.ts";
import { withinSeconds } from "../../lib/time-limit.ts";

export interface OffAirOptions {
  /** Owncast's own address. */
  readonly url: string;
  /** How long ago the last stream must have ended. */
  readonly quietSeconds: number;
  /** Gets a line for people when there is something to wait for. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** How long to wait between two questions; 2 when left out. */
  readonly pollSeconds?: number;
  /** How long one question may take; 10 when left out. */
  readonly requestSeconds?: number;
  /** A server that says nothing for so long sends nothing to anybody; 60 when left out. */
  readonly silentSeconds?: number;
}

const defaults = { pollSeconds: 2, requestSeconds: 10, silentSeconds: 60 } as const;

/**
 * Waits, for as long as it takes, until nothing is on air on an Owncast and nothing was shortly before.
 * Throws CliError 1 when it is stopped.
 */
export async function untilOffAir(options: OffAirOptions): Promise<void> {
  const { url, quietSeconds, say, signal, pollSeconds, requestSeconds, silentSeconds } = { ...defaults, ...options };
  // Not the wall clock: one that is set ahead would end a stream.
  let lastAnswerMs = performance.now();
  let seen: SeenStatus | undefined;
  let said = false;
  for (;;) {
    const status = await withinSeconds(requestSeconds, signal, (limited) => statusOf(url, limited));
    if (signal.aborted) throw stopped();
    const nowMs = performance.now();
    if (status) {
      lastAnswerMs = nowMs;
      seen = see(seen, status, { nowMs, wallMs: Date.now() });
    }
    if (status ? seen && isQuiet(seen, quietSeconds * 1000, nowMs) : nowMs - lastAnswerMs >= silentSeconds * 1000)
      return;
    if (!said) say("waiting until nothing is on air");
    said = true;
    await sleep(pollSeconds * 1000, undefined, { signal }).catch(() => {
      throw stopped();
    });
  }
}

const stopped = () =>
  new CliError(ExitCode.failed, "stopped before it was known that nothing is on air; nothing was done");

/** What Owncast says of its stream. */
export interface StreamStatus {
  readonly online: boolean;
  /** When the camera that is there connected; null when there is none. Its stream is online some seconds later. */
  readonly lastConnectTime?: string | null;
  /** When the last one ended, ISO 8601; null when there was none. */
  readonly lastDisconnectTime?: string | null;
}

/** What a server says of its stream, and since when. */
export interface SeenStatus {
  readonly status: StreamStatus;
  /** On a clock that nobody sets, as `performance.now`. */
  readonly sinceMs: number;
}

/** Owncast's own time is the wall clock's, which may be set meanwhile: it counts only for what ended before the first look. */
export function see(
  before: SeenStatus | undefined,
  status: StreamStatus,
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

/** Whether a camera is there, on air or about to be. */
const isTaken = ({ online, lastConnectTime }: StreamStatus): boolean => online || Boolean(lastConnectTime);

/** Whether nothing is on air and nothing was for `quietMs`. A camera that lost its connection comes back within seconds. */
export const isQuiet = ({ status, sinceMs }: SeenStatus, quietMs: number, nowMs: number): boolean =>
  !isTaken(status) && nowMs - sinceMs >= quietMs;

/** What Owncast says; undefined for anything else. An answer that is not Owncast's must not end a stream. */
async function statusOf(url: string, signal: AbortSignal): Promise<StreamStatus | undefined> {
  try {
    const address = new URL("/api/status", url);
    const answer = await told("GET", address, () => fetch(address, { signal }));
    const status = JSON.parse(`${await bodyOf(answer, signal)}`) as StreamStatus;
    return answer.ok && typeof status.online === "boolean" ? status : undefined;
  } catch {
    return undefined;
  }
}
