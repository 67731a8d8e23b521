/** What a probe looks at. The first that fails for a rendition is its fault. */
export type Check =
  /** The server says that somebody publishes. */
  | "online"
  /** The master playlist is whole and names renditions. */
  | "master"
  /** A declared rendition is in the master playlist. */
  | "missing"
  /** The master playlist names declared renditions only. */
  | "extra"
  /** The rendition's playlist is well-formed. */
  | "playlist"
  /** It does not say that the stream is over. */
  | "ended"
  /** The newest segment arrives and decodes. */
  | "segment"
  /** It has the declared size. */
  | "size"
  /** It shows something. */
  | "black"
  /** The camera's clock is readable in it. */
  | "clock"
  /** The clock runs. */
  | "frozen"
  /** A newer segment follows in time. */
  | "stalled"
  /** Sequence number and clock of the newer segment are later. */
  | "order"
  /** The clock is near this machine's. */
  | "recent";

/** A check that failed, as it is reported. */
export interface Fault {
  /** The rendition's name; absent when it is about the whole stage. */
  readonly rendition?: string;
  readonly check: Check;
  /** For a person; says what was found. */
  readonly message: string;
}

/** A rendition as a seed declares it. */
export interface DeclaredRendition {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly framerate: number;
  readonly bitrateKbps: number;
}

/** A rendition that was looked at. */
export interface RenditionReport {
  /** As declared; its size when nothing was declared. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Pictures per second: as declared, else as counted; absent when neither is known. */
  readonly framerate?: number;
  /** Seconds from the clock in the newest picture to its arrival here. Absent unless it was read. */
  readonly latencySeconds?: number;
}

/** What a viewer gets. Without faults all is well. */
export interface ProbeReport {
  readonly url: string;
  /** Every declared rendition in the seed's order, or those in the master playlist; empty when the stage is offline. */
  readonly renditions: readonly RenditionReport[];
  readonly faults: readonly Fault[];
  /** Playlists that were torn and read again; not a fault. */
  readonly tornPlaylists: number;
  /** Seconds by which the server's clock is ahead of this machine's; absent when it did not say. */
  readonly serverClockAheadSeconds?: number;
}

/** A check that fails, thrown to where it becomes a `Fault`. */
export class Finding extends Error {
  override readonly name = "Finding";
  readonly check: Check;
  constructor(check: Check, message: string, options?: ErrorOptions) {
    super(message, options);
    this.check = check;
  }
}
