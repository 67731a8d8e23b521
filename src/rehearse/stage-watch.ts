/** A time in which the stage could not be watched, in seconds since the rehearsal's start; without an end: until the rehearsal's. */
export interface Outage {
  /** `offline`: nobody published. `down`: Owncast gave no usable response. */
  readonly kind: "offline" | "down";
  readonly fromSeconds: number;
  toSeconds?: number;
  /** What /api/status answered. */
  readonly answer: string;
}

const mostOutages = 20;

/** What the viewers' requests for /api/status say about the stage. */
export class StageWatch {
  readonly outages: Outage[] = [];
  #aheadMs: number | undefined;
  #datesAheadMs = 0;
  #bestRoundTripMs = Number.POSITIVE_INFINITY;

  /** The outage that lasts now. */
  get now(): Outage | undefined {
    const last = this.outages.at(-1);
    return last?.toSeconds === undefined ? last : undefined;
  }

  /** The server's clock in ms since the epoch, as exact as the quickest response; undefined if the server does not tell its time. */
  serverNow(): number | undefined {
    return this.#aheadMs === undefined ? undefined : Date.now() + this.#aheadMs;
  }

  /** By how much the playlists' dates are ahead of the server's clock at least, in ms; 0 if they may be right. */
  get datesAheadMs(): number {
    return this.#datesAheadMs;
  }

  /**
   * A playlist came whose newest frame has this date. No frame can be listed before it was made, but ffmpeg counts its dates from
   * the moment when it was ready, some seconds after the first frame.
   */
  listed(madeUntilMs: number): void {
    const now = this.serverNow();
    if (now !== undefined) this.#datesAheadMs = Math.max(this.#datesAheadMs, madeUntilMs - now);
  }

  /** Takes a response with status 200. `roundTripMs`: how long it took. */
  learn(text: string, atSeconds: number, roundTripMs: number): void {
    const found = readStatus(text);
    if (found === undefined) {
      this.#note("down", "something that is not Owncast's", atSeconds);
      return;
    }
    if (found.timeMs !== undefined && roundTripMs < this.#bestRoundTripMs) {
      this.#bestRoundTripMs = roundTripMs;
      this.#aheadMs = found.timeMs + roundTripMs / 2 - Date.now();
    }
    if (found.online) this.#end(atSeconds);
    else this.#note("offline", "offline", atSeconds);
  }

  /** No usable response came. */
  missed(answer: string, atSeconds: number): void {
    this.#note("down", answer, atSeconds);
  }

  #note(kind: Outage["kind"], answer: string, atSeconds: number): void {
    if (this.now?.kind === kind) return;
    this.#end(atSeconds);
    if (this.outages.length < mostOutages) this.outages.push({ kind, fromSeconds: atSeconds, answer });
  }

  #end(atSeconds: number): void {
    if (this.now) this.now.toSeconds = atSeconds;
  }
}

function readStatus(text: string): { online: boolean; timeMs: number | undefined } | undefined {
  try {
    const { online, serverTime } = JSON.parse(text) as { online?: unknown; serverTime?: unknown };
    const timeMs = typeof serverTime === "string" ? Date.parse(serverTime) : Number.NaN;
    return typeof online === "boolean" ? { online, timeMs: Number.isNaN(timeMs) ? undefined : timeMs } : undefined;
  } catch {
    return undefined;
  }
}
