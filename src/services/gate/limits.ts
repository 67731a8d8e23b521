import type { ConnectionLimits } from "../../media/rtmp/rtmp-connection.ts";

/** Limits of data and time. Tests shorten the times. */
export interface GateLimits {
  /** From the connection to `publish`. */
  readonly handshakeMs: number;
  /** Connections that have not published yet: in all, and from one address (of IPv6: from one /64). */
  readonly strangers: number;
  readonly strangersPerAddress: number;
  /** A publisher that has sent no media for so long is replaced by a new connection with its key. */
  readonly takeOverMs: number;
  /** How long a second publisher waits while the first one sends. */
  readonly busyMs: number;
  /** How long a publisher waits until Owncast is ready. */
  readonly owncastMs: number;
  /** How long Owncast may take to answer a publisher. */
  readonly answerSeconds: number;
  /** A publisher that has sent no media for so long is ended. Owncast would do it after 10 s. */
  readonly idleMs: number;
  /** Connections that wait for one input. */
  readonly waiting: number;
}

export const gateLimits: GateLimits = {
  handshakeMs: 10_000,
  ...{ strangers: 128, strangersPerAddress: 8 },
  ...{ takeOverMs: 2500, busyMs: 3000, owncastMs: 15_000, answerSeconds: 10, idleMs: 9000 },
  waiting: 4,
};

/** Before `publish`, a camera sends less than 4 kB. A keyframe may follow at once, so one long message may begin. */
export const beforePublish: ConnectionLimits = {
  ...{ messageBytes: 4 * 1024 * 1024, partialBytes: 131_072 },
  ...{ waitingBytes: 65_536, totalBytes: 262_144 },
};
/** On air. Owncast's RTMP library stops reading at a longer message, without closing the connection. */
export const afterPublish: ConnectionLimits = {
  ...{ messageBytes: 4 * 1024 * 1024, partialBytes: 8 * 1024 * 1024 },
  ...{ waitingBytes: 1024 * 1024, totalBytes: Number.POSITIVE_INFINITY },
};
/** With a valid key, before it is accepted: some cameras do not wait. */
export const whileHeld: ConnectionLimits = { ...afterPublish, waitingBytes: 4 * 1024 * 1024 };
/** Commands before `publish`; cameras send about six. */
export const mostCommands = 64;
