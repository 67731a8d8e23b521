import { setTimeout as sleep } from "node:timers/promises";
import { decodeSegment } from "../media/decode-segment.ts";
import { readCodedSound, secondsBetweenPts } from "../media/transport-stream.ts";
import { type HttpClient, makeHttpClient } from "../viewer/http-client.ts";
import { parseMedia } from "../viewer/playlist.ts";
import type { LocalStage } from "./stage.ts";

/** A segment as a viewer got it: when its frames were made, by the clock in them, in ms since the epoch. */
export interface WatchedSegment {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A cue as a viewer got it. */
export interface WatchedCue {
  readonly text: string;
  /** The time of the frames on which it is shown, by the clock in them. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What a viewer with captions got. */
export interface WatchedCaptions {
  readonly segments: readonly WatchedSegment[];
  /** Each once, in order. */
  readonly cues: readonly WatchedCue[];
}

export interface WatchOptions {
  readonly language: string;
  /** How much of the stream to watch, from the first segment with a cue. */
  readonly seconds: number;
  /** Gives up after this time. */
  readonly withinSeconds: number;
  readonly note?: (text: string) => void;
}

const lookEveryMs = 250;

/** Watches one track through Caddy, as a player does: each listed file once, with the segment it belongs to. */
export async function watchCaptions(
  { page, caFile }: Pick<LocalStage, "page" | "caFile">,
  { language, seconds, withinSeconds, note = () => {} }: WatchOptions,
): Promise<WatchedCaptions> {
  const client = await makeHttpClient({ caFile });
  const track = new WatchedTrack(client, `${page}/hls`, language);
  try {
    for (const until = performance.now() + withinSeconds * 1000; performance.now() < until; await sleep(lookEveryMs)) {
      await track.look();
      note(`${track.watchedSeconds.toFixed(0)} of ${seconds} s`);
      if (track.watchedSeconds >= seconds) break;
    }
    return { segments: track.segments, cues: [...track.cues.values()] };
  } finally {
    client.close();
  }
}

class WatchedTrack {
  readonly segments: WatchedSegment[] = [];
  readonly cues = new Map<string, WatchedCue>();
  readonly #client: HttpClient;
  readonly #hls: string;
  readonly #language: string;
  readonly #known = new Set<string>();
  #anchor: { readonly pts: number; readonly clockMs: number } | undefined;

  constructor(client: HttpClient, hls: string, language: string) {
    this.#client = client;
    this.#hls = hls;
    this.#language = language;
  }

  get watchedSeconds(): number {
    const [first, last] = [this.segments[0], this.segments.at(-1)];
    return first && last ? (last.untilMs - first.fromMs) / 1000 : 0;
  }

  /** Fetches what is new in the track's playlist. */
  async look(): Promise<void> {
    const list = await this.#client.fetch(`${this.#hls}/captions/${this.#language}/stream.m3u8`);
    if (list.status !== 200) return;
    for (const { uri, durationSeconds } of parseMedia(list.body.toString()).segments) {
      if (this.#known.has(uri)) continue;
      this.#known.add(uri);
      const name = uri.replace(/^.*\//, "");
      const vtt = await this.#client.fetch(`${this.#hls}/captions/${this.#language}/${name}`);
      const text = vtt.status === 200 ? vtt.body.toString() : "";
      // The words before the first cue may have been said before the service began.
      if (this.segments.length === 0 && !text.includes("-->")) continue;
      const segment = await this.#client.fetch(`${this.#hls}/0/${name.replace(/\.vtt$/, ".ts")}`);
      if (segment.status === 200) await this.#take(segment.body, durationSeconds, text);
    }
  }

  async #take(bytes: Buffer, durationSeconds: number, vtt: string): Promise<void> {
    const pts = readCodedSound(bytes).videoPts;
    if (pts === undefined) return;
    if (this.#anchor === undefined) {
      const clockMs = (await decodeSegment(bytes)).clocksMs[0];
      if (clockMs === undefined) return;
      this.#anchor = { pts, clockMs };
    }
    const { clockMs, pts: zero } = this.#anchor;
    const clockOf = (at: number) => clockMs + secondsBetweenPts(zero, at) * 1000;
    const fromMs = clockOf(pts);
    this.segments.push({ fromMs, untilMs: fromMs + durationSeconds * 1000 });
    for (const { id, from, until, text } of cuesIn(vtt)) {
      const zeroMs = clockOf(Number(/X-TIMESTAMP-MAP=MPEGTS:(\d+)/.exec(vtt)?.[1] ?? pts));
      this.cues.set(id, { text, fromMs: zeroMs + from * 1000, untilMs: zeroMs + until * 1000 });
    }
  }
}

const timing = /^(?:(.*)\n)?(\d+):(\d\d):(\d\d\.\d{3}) --> (\d+):(\d\d):(\d\d\.\d{3})[^\n]*\n([\s\S]+)$/;

/** The cues of a VTT file, with times in seconds. A cue that spans files has the same id in each. */
function cuesIn(vtt: string): { id: string; from: number; until: number; text: string }[] {
  return vtt.split(/\n{2,}/).flatMap((block) => {
    const [, id = "", h1, m1, s1, h2, m2, s2, text = ""] = timing.exec(block.trim()) ?? [];
    if (text === "") return [];
    const seconds = (hours = "0", minutes = "0", rest = "0") =>
      Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
    return [{ id, from: seconds(h1, m1, s1), until: seconds(h2, m2, s2), text: text.replaceAll("\n", " ") }];
  });
}
