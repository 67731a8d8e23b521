import type { ConnectionLimits } from "../../media/rtmp/rtmp-connection.ts";

/** What the gate takes and how long it waits. Tests shorten the times. */
export interface GateLimits {
  /** From the connection to `publish`. */
  readonly greetingMs: number;
  /** Connections that have not published yet: in all, and from one address (of IPv6: from one /64). */
  readonly strangers: number;
  readonly strangersPerAddress: number;
  /** A publisher without media for so long gives way to a new connection with its key. */
  readonly takeOverMs: number;
  /** How long a second publisher waits while the first one sends. */
  readonly busyMs: number;
  /** How long a publisher waits for Owncast to be done with the one before, or to be up again. */
  readonly owncastMs: number;
  /** How long Owncast may take to answer a publisher. */
  readonly answerSeconds: number;
  /** A publisher that sends no media for so long is dropped. Owncast itself would do it after 10 s. */
  readonly idleMs: number;
  /** Connections that wait for one input. */
  readonly waiting: number;
}

export const gateLimits: GateLimits = {
  greetingMs: 10_000,
  ...{ strangers: 128, strangersPerAddress: 8 },
  ...{ takeOverMs: 2500, busyMs: 3000, owncastMs: 15_000, answerSeconds: 10, idleMs: 9000 },
  waiting: 4,
};

/** A camera says less than 4 kB until it publishes. A keyframe may begin right behind; what has come in all is bounded. */
export const beforePublish: ConnectionLimits = {
  ...{ messageBytes: 4 * 1024 * 1024, partialBytes: 131_072 },
  ...{ waitingBytes: 65_536, totalBytes: 262_144 },
};
/** Once its key is known. Owncast's library gives up on longer messages, without hanging up. */
export const afterPublish: ConnectionLimits = {
  ...{ messageBytes: 4 * 1024 * 1024, partialBytes: 8 * 1024 * 1024 },
  ...{ waitingBytes: 1024 * 1024, totalBytes: Number.POSITIVE_INFINITY },
};
/** Once its key is known, until it is accepted: some cameras do not wait for that. */
export const whileHeld: ConnectionLimits = { ...afterPublish, waitingBytes: 4 * 1024 * 1024 };
/** Until `publish`; cameras send about six. */
export const mostGreetings = 64;
