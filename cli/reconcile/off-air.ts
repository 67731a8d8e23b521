import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../errors.ts";
import { told } from "../requests.ts";
import { bodyOf } from "../response-body.ts";
import { withinSeconds } from "../time-limit.ts";

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
  let lastAnswer = performance.now();
  let said = false;
  for (;;) {
    const status = await withinSeconds(requestSeconds, signal, (limited) => statusOf(url, limited));
    if (status) lastAnswer = performance.now();
    const silentMs = performance.now() - lastAnswer;
    if (status ? isQuiet(status, quietSeconds * 1000, Date.now()) : silentMs >= silentSeconds * 1000) return;
    if (!said) say("waiting until nothing is on air");
    said = true;
    await sleep(pollSeconds * 1000, undefined, { signal }).catch(() => {
      throw new CliError(ExitCode.failed, "stopped while something was on air; nothing was done");
    });
  }
}

/** What Owncast says of its stream. */
export interface StreamStatus {
  readonly online: boolean;
  /** When the last one ended, ISO 8601; null when there was none. */
  readonly lastDisconnectTime?: string | null;
}

/** Whether nothing is on air and nothing was for `quietMs`. A camera that lost its connection comes back within seconds. */
export function isQuiet({ online, lastDisconnectTime }: StreamStatus, quietMs: number, now: number): boolean {
  if (online) return false;
  const ended = lastDisconnectTime ? Date.parse(lastDisconnectTime) : Number.NaN;
  return Number.isNaN(ended) || now - ended >= quietMs;
}

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
