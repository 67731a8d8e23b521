/** The checks of the stage as a whole, in the order of the report, with the name that people see. */
export const stageChecks = {
  /** The certificate is trusted and is for this name. */
  tls: "TLS",
  /** The server does not offer HTTP/3, which is slow for far viewers. At most a warning. */
  http3: "HTTP/3",
  /** Plain http redirects to https. */
  redirect: "http leads to https",
  /** The page, its scripts and its styles load. */
  page: "page loads",
  /** HTML and CSS name no origin that the seed does not name. */
  origins: "no other origin",
  /** The server says that a publisher is on air. */
  online: "online",
  /** The master playlist is whole and names renditions. */
  master: "master playlist",
  /** The master playlist names declared renditions only. */
  extra: "no extra rendition",
  /** The segments of all renditions have one length. Otherwise the page's player stops when it switches. */
  switching: "players can switch",
  /** Owncast's admin page and admin API cannot be reached. */
  admin: "admin is closed",
  /** A private stage shows nothing without the password. */
  private: "closed to strangers",
  /** The public default password opens nothing. */
  password: "default password",
  /** The ports that must be closed are closed. */
  closed: "closed ports",
  /** A message sent into the chat comes back. */
  chat: "chat",
} as const;

/** The checks of each rendition. A fault up to `segment`, or from `size` on, leaves the checks after it unmade. */
export const renditionChecks = {
  /** A declared rendition is in the master playlist. */
  missing: "rendition is there",
  /** Its playlist is well-formed. */
  playlist: "playlist well-formed",
  /** The playlist does not say that the stream is over. */
  ended: "playlist goes on",
  /** Playlist and segment have the right Content-Type. Without a rendition: the master playlist. */
  types: "content types",
  /** Caches keep segments and no playlist. */
  caching: "caching",
  /** Players on other pages may load them. */
  cors: "cross-origin",
  /** The newest segment arrives and decodes. */
  segment: "segment decodes",
  /** The server does not compress segments, which are compressed already. */
  compressed: "not compressed",
  /** A segment starts with a keyframe. */
  keyframe: "keyframe at start",
  /** There is sound, and it decodes. */
  audio: "sound",
  /** The sound is not silent. */
  silence: "sound is audible",
  /** Every browser plays its codec, profile and colour format. */
  playable: "every browser plays it",
  /** The video has the declared size. */
  size: "size",
  /** The video is not one plain colour. */
  black: "not black",
  /** The camera's clock can be read from the frames. */
  clock: "clock readable",
  /** The clock runs. */
  frozen: "clock runs",
  /** It has the declared frame rate. */
  framerate: "frames per second",
  /** A newer segment follows in time. */
  stalled: "newer segment follows",
  /** One second of video arrives each second. */
  pace: "keeps up with live",
  /** Sequence number and clock of the newer segment are later. */
  order: "sequence advances",
  /** Its video has the declared bitrate. */
  bitrate: "bitrate",
  /** Passthrough only: the keyframe interval divides a segment. */
  gop: "keyframe interval",
  /** Passthrough only: the camera's size, frame rate and bitrate suit the stage. */
  camera: "camera fits the stage",
  /** The delay from camera to viewer is short enough. */
  recent: "latency",
} as const;

export type StageCheck = keyof typeof stageChecks;
export type RenditionCheck = keyof typeof renditionChecks;
export type Check = StageCheck | RenditionCheck;

/** The result of one check. */
export interface CheckResult {
  /** The rendition's name; absent for a check of the stage. */
  readonly rendition?: string;
  readonly check: Check;
  /** `warned`: viewers get less than they could, but it is no fault. */
  readonly outcome: "passed" | "warned" | "failed" | "not-checked";
  /** For a person: the finding, or the reason why the check was not made. */
  readonly detail: string;
  /** The remedy for a fault or a warning. */
  readonly remedy?: string;
}

/** A check that failed or warned. */
export interface Fault {
  /** The rendition's name; absent for a check of the stage. */
  readonly rendition?: string;
  readonly check: Check;
  /** For a person: the finding. */
  readonly message: string;
  /** The remedy. */
  readonly remedy?: string;
}

/** The facts about a rendition after the probe. */
export interface RenditionReport {
  /** As declared; its size if nothing was declared. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Frames per second: as declared, else as counted; absent if neither is known. */
  readonly framerate?: number;
  /** Seconds from the clock in the newest frame to its arrival here; absent if there was no clock to read. */
  readonly latencySeconds?: number;
  /** The video's bitrate without sound; absent if it was not measured. */
  readonly videoKbps?: number;
  /** The playlist's EXT-X-TARGETDURATION; absent without a playlist. */
  readonly segmentSeconds?: number;
}

/** The result of a probe. Without faults, viewers get the declared stage. */
export interface ProbeReport {
  readonly url: string;
  /** The declared renditions in the seed's order, else those of the master playlist; empty if the stage is offline. */
  readonly renditions: readonly RenditionReport[];
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
  /** Every check: the stage's, then each rendition's. */
  readonly checks: readonly CheckResult[];
  /** The number of playlists that were torn and read again. That is not a fault. */
  readonly tornPlaylists: number;
  /** Seconds by which the server's clock is ahead of this machine's; absent if the server did not say. */
  readonly serverClockAheadSeconds?: number;
}

/** A check failed: thrown where it is found, noted where the subject's checks are collected. */
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

/** Collects the results of one subject's checks. The first result of a check counts, except that a fault replaces a pass. */
export class Notes {
  readonly #rendition: string | undefined;
  readonly #results = new Map<Check, CheckResult>();

  constructor(rendition?: string) {
    this.#rendition = rendition;
  }

  pass(check: Check, detail = ""): void {
    this.#note(check, "passed", detail);
  }

  fail(check: Check, detail: string, remedy?: string): void {
    this.#note(check, "failed", detail, remedy);
  }

  warn(check: Check, detail: string, remedy?: string): void {
    this.#note(check, "warned", detail, remedy);
  }

  skip(check: Check, why: string): void {
    this.#note(check, "not-checked", why);
  }

  /** Fails with `fault`; passes if that is undefined. */
  judge(check: Check, fault: string | undefined, detail = ""): void {
    if (fault === undefined) this.pass(check, detail);
    else this.fail(check, fault);
  }

  /** Skips each of `checks` that has no result yet. */
  skipRest(checks: readonly Check[], why: string): void {
    for (const check of checks) this.skip(check, why);
  }

  /** In the order of `stageChecks` and `renditionChecks`. */
  results(): CheckResult[] {
    const order: readonly string[] = [...Object.keys(stageChecks), ...Object.keys(renditionChecks)];
    return [...this.#results.values()].sort((a, b) => order.indexOf(a.check) - order.indexOf(b.check));
  }

  #note(check: Check, outcome: CheckResult["outcome"], detail: string, remedy?: string): void {
    const before = this.#results.get(check)?.outcome;
    if (before !== undefined && !(outcome === "failed" && before !== "failed")) return;
    this.#results.set(check, {
      ...(this.#rendition !== undefined && { rendition: this.#rendition }),
      check,
      outcome,
      detail,
      ...(remedy !== undefined && { remedy }),
    });
  }
}
