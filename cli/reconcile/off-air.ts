import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../errors.ts";
import { told } from "../requests.ts";

export interface OffAirOptions {
  /** Owncast's own address. */
  readonly url: string;
  /** How long ago the last stream must have ended. */
  readonly quietSeconds: number;
  /** Gets a line for people when there is something to wait for. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const pollMs = 2000;
// A server that says nothing for so long sends nothing to anybody.
const silentMs = 60_000;

/**
 * Waits, for as long as it takes, until nothing is on air on an Owncast and nothing was shortly before.
 * Throws CliError 1 when it is stopped.
 */
export async function untilOffAir({ url, quietSeconds, say, signal }: OffAirOptions): Promise<void> {
  let lastAnswer = Date.now();
  let told = false;
  for (;;) {
    const status = await statusOf(url, signal);
    if (status) lastAnswer = Date.now();
    if (status ? isQuiet(status, quietSeconds * 1000, Date.now()) : Date.now() - lastAnswer >= silentMs) return;
    if (!told) say("waiting until nothing is on air");
    told = true;
    await sleep(pollMs, undefined, { signal }).catch(() => {
      throw new CliError(ExitCode.failed, "stopped while something was on air; nothing was done");
    });
  }
}

/** What Owncast says of its stream. */
export interface StreamStatus {
  readonly online: boolean;
  /** When the camera that is there connected; null when there is none. Its stream is online some seconds later. */
  readonly lastConnectTime?: string | null;
  /** When the last one ended, ISO 8601; null when there was none. */
  readonly lastDisconnectTime?: string | null;
}

/** Whether nothing is on air and nothing was for `quietMs`. A camera that lost its connection comes back within seconds. */
export function isQuiet(status: StreamStatus, quietMs: number, now: number): boolean {
  const { online, lastConnectTime, lastDisconnectTime } = status;
  if (online || lastConnectTime) return false;
  const ended = lastDisconnectTime ? Date.parse(lastDisconnectTime) : Number.NaN;
  return Number.isNaN(ended) || now - ended >= quietMs;
}

async function statusOf(url: string, signal: AbortSignal): Promise<StreamStatus | undefined> {
  try {
    const address = new URL("/api/status", url);
    const both = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
    const answer = await told("GET", address, () => fetch(address, { signal: both }));
    return answer.ok ? ((await answer.json()) as StreamStatus) : undefined;
  } catch {
    return undefined;
  }
}
