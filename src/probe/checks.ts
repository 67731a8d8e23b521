/** What a probe looks at about the stage as a whole, in the order of its report, each with what people call it. */
export const stageChecks = {
  /** The certificate is trusted and for this name. */
  tls: "TLS",
  /** Browsers are not told of HTTP/3, which is slow for far viewers: at most a warning. */
  http3: "HTTP/3",
  /** Plain http leads to https. */
  redirect: "http leads to https",
  /** The page, its scripts and styles load. */
  page: "page loads",
  /** HTML and CSS name no origin that the seed does not name. */
  origins: "no other origin",
  /** The server says that somebody publishes. */
  online: "online",
  /** The master playlist is whole and names renditions. */
  master: "master playlist",
  /** The master playlist names declared renditions only. */
  extra: "no rendition too many",
  /** Segments of all renditions are of the same length: else the page's player stops when it changes from one to another. */
  switching: "players can change",
  /** Owncast's admin page and admin API are not reached. */
  admin: "admin is closed",
  /** A private stage shows strangers nothing. */
  private: "closed to strangers",
  /** The public default password opens nothing. */
  password: "default password",
  /** Ports that must be closed are. */
  closed: "closed ports",
  /** What is sent into the chat comes back. */
  chat: "chat",
} as const;

/** What is looked at for each rendition. Up to `segment` and from `size` on, a fault leaves what follows unchecked. */
export const renditionChecks = {
  /** A declared rendition is in the master playlist. */
  missing: "rendition is there",
  /** Its playlist is well-formed. */
  playlist: "playlist well-formed",
  /** It does not say that the stream is over. */
  ended: "playlist goes on",
  /** Playlist and segment come with the right Content-Type; without a rendition: the master playlist. */
  types: "content types",
  /** Caches keep segments and no playlist. */
  caching: "caching",
  /** Players on other pages may load them. */
  cors: "cross-origin",
  /** The newest segment arrives and decodes. */
  segment: "segment decodes",
  /** Segments are not compressed once more. */
  compressed: "not compressed",
  /** A segment starts with a keyframe. */
  keyframe: "keyframe at start",
  /** There is sound that decodes. */
  audio: "sound",
  /** It can be heard. */
  silence: "sound is heard",
  /** Codec, profile and colour format are what every browser plays. */
  playable: "every browser plays it",
  /** The picture has the declared size. */
  size: "size",
  /** It shows something. */
  black: "not black",
  /** The camera's clock is readable in it. */
  clock: "clock readable",
  /** The clock runs. */
  frozen: "clock runs",
  /** It has the declared number of pictures per second. */
  framerate: "pictures per second",
  /** A newer segment follows in time. */
  stalled: "newer segment follows",
  /** A second of it comes every second. */
  pace: "keeps up with live",
  /** Sequence number and clock of the newer segment are later. */
  order: "sequence advances",
  /** Its video bitrate is the declared one. */
  bitrate: "bitrate",
  /** Where it is passed on as the camera sends it: keyframes divide the latency level's segments. */
  gop: "keyframe interval",
  /** Where it is passed on: size, rate and bitrate are what the stage makes best use of. */
  camera: "camera fits the stage",
  /** The way from camera to viewer is short enough. */
  recent: "latency",
} as const;

export type StageCheck = keyof typeof stageChecks;
export type RenditionCheck = keyof typeof renditionChecks;
export type Check = StageCheck | RenditionCheck;

/** What came of one check. */
export interface CheckResult {
  /** The rendition's name; absent when it is about the whole stage. */
  readonly rendition?: string;
  readonly check: Check;
  /** `warned`: viewers get less than they could; no fault. */
  readonly outcome: "passed" | "warned" | "failed" | "not-checked";
  /** For a person: what was found, or why it was not looked at. */
  readonly detail: string;
  /** What to do about a fault or a warning. */
  readonly remedy?: string;
}

/** Takes down what came of the checks of one subject. The first word on a check counts, but a fault outweighs an earlier pass. */
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

  /** Passes when there is no fault. */
  judge(check: Check, fault: string | undefined, detail = ""): void {
    if (fault === undefined) this.pass(check, detail);
    else this.fail(check, fault);
  }

  /** Marks every one of `checks` without a result as not checked. */
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
