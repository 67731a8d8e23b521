import type { Check, CheckResult } from "./checks.ts";

export type { Check } from "./checks.ts";

/** A check that failed or warned, as it is reported. */
export interface Fault {
  /** The rendition's name; absent when it is about the whole stage. */
  readonly rendition?: string;
  readonly check: Check;
  /** For a person; says what was found. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** A rendition as a seed declares it. What follows from the camera is 0 while that is not known: all of a passthrough one, a side left out. */
export interface DeclaredRendition {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly framerate: number;
  /** As declared: Owncast's encoder gets 192 less. */
  readonly bitrateKbps: number;
  /** It is what the camera sends, so rate and bitrate are the camera's. */
  readonly passthrough?: boolean;
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
  /** Of the picture alone, in kbit/s. Absent unless it was measured. */
  readonly videoKbps?: number;
  /** Length of the longest segment, as its playlist says (EXT-X-TARGETDURATION). Absent without a playlist. */
  readonly segmentSeconds?: number;
}

/** What a viewer gets. Without faults all is well. */
export interface ProbeReport {
  readonly url: string;
  /** Every declared rendition in the seed's order, or those in the master playlist; empty when the stage is offline. */
  readonly renditions: readonly RenditionReport[];
  /** Those of `checks` that failed. */
  readonly faults: readonly Fault[];
  /** Those that warned: viewers get less than they could. */
  readonly warnings: readonly Fault[];
  /** Every check: first the stage's, then each rendition's. */
  readonly checks: readonly CheckResult[];
  /** Playlists that were torn and read again; not a fault. */
  readonly tornPlaylists: number;
  /** Seconds by which the server's clock is ahead of this machine's; absent when it did not say. */
  readonly serverClockAheadSeconds?: number;
}

/** A check that fails, thrown to where it becomes a `Fault`. */
export class Finding extends Error {
  override readonly name = "Finding";
  readonly check: Check;
  readonly remedy: string | undefined;
  constructor(check: Check, message: string, options?: ErrorOptions & { readonly remedy?: string }) {
    super(message, options);
    this.check = check;
    this.remedy = options?.remedy;
  }
}
