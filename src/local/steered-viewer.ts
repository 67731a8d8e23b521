import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { PlaybackBuffer, type PlaybackSum } from "../rehearse/playback-buffer.ts";
import { type HttpClient, makeHttpClient } from "../viewer/http-client.ts";
import {
  type MediaPlaylist,
  type MediaSegment,
  parseMaster,
  parseMedia,
  steeringUriIn,
  tornBy,
  type Variant,
} from "../viewer/playlist.ts";
import { isOfflineClip } from "./edge-figures.ts";

/** A viewer, and the place that it watches from. */
export interface SteeredViewerOptions {
  /** The stage's page: `https://host`. */
  readonly page: string;
  readonly caFile: string;
  /** The address of this machine that it connects from. */
  readonly localAddress: string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** What a viewer has seen so far. */
export interface Watched extends PlaybackSum {
  /** Where it loads from: an edge's name, or `origin`; undefined before the first playlist. */
  readonly pathway: string | undefined;
  readonly hasStarted: boolean;
}

// Players wait three target durations behind the end of the playlist.
const targetsBehind = 3;
const retryMs = 500;
const requestSeconds = 5;
// A player that left an edge by itself stays away from it until the steering service must have seen what is wrong.
const avoidsMs = 8000;
const offlineMs = 2000;
const mostMs = 60_000;

const manifest = z.object({
  TTL: z.number().min(1).max(3600),
  "PATHWAY-PRIORITY": z.array(z.string().max(100)).min(1).max(100),
});

/**
 * A viewer who watches the smallest rendition as hls.js does: it begins on the master playlist's first pathway, asks the steering
 * service where to go, and by itself leaves a pathway that fails. It waits while nobody is live, and never draws a frame.
 */
export class SteeredViewer {
  readonly #options: SteeredViewerOptions;
  readonly #buffer = new PlaybackBuffer();
  readonly #avoided = new Map<string, number>();
  #client: HttpClient | undefined;
  #variants: readonly Variant[] = [];
  #order: readonly string[] = [];
  #pathway: string | undefined;
  #nextSequence: number | undefined;
  #throughputBps = 0;

  constructor(options: SteeredViewerOptions) {
    this.#options = options;
  }

  watched(nowMs = performance.now()): Watched {
    return { pathway: this.#pathway, hasStarted: this.#buffer.started, ...this.#buffer.sum(nowMs) };
  }

  /** Watches until the signal aborts. Never rejects: what fails is tried again. */
  async watch(): Promise<void> {
    const { caFile, localAddress, signal } = this.#options;
    this.#client = await makeHttpClient({ caFile, localAddress, timeoutSeconds: requestSeconds });
    try {
      const steering = await this.#open();
      if (steering !== undefined) void this.#askForOrder(steering);
      while (!signal.aborted) await this.#sleep(await this.#follow());
    } finally {
      this.#client.close();
    }
  }

  /** Reads the master playlist until it is usable; resolves to the address of the steering service. */
  async #open(): Promise<string | undefined> {
    const address = new URL("/hls/stream.m3u8", this.#options.page).href;
    for (; !this.#options.signal.aborted; await this.#sleep(retryMs)) {
      const text = await this.#text(address).catch(() => "");
      const steering = steeringUriIn(text);
      // Before the stream the keeper may pass on Owncast's own list, which knows no edges.
      if (tornBy(text) !== undefined || steering === undefined) continue;
      this.#variants = parseMaster(text).map((variant) => ({ ...variant, uri: new URL(variant.uri, address).href }));
      this.#order = [...new Set(this.#variants.map(({ pathway = "origin" }) => pathway))];
      this.#pathway = this.#order[0];
      return new URL(steering, address).href;
    }
    return undefined;
  }

  /** Asks after the first segment, and then again and again. */
  async #askForOrder(address: string): Promise<void> {
    while (!this.#options.signal.aborted && !this.#buffer.started) await this.#sleep(retryMs / 5);
    while (!this.#options.signal.aborted) {
      const asked = new URL(address);
      asked.searchParams.set("_HLS_pathway", `"${this.#pathway}"`);
      if (this.#throughputBps > 0) asked.searchParams.set("_HLS_throughput", `${Math.round(this.#throughputBps)}`);
      // If the service is down or its response is not valid, players stay where they are and ask again.
      const answer = await this.#text(asked.href)
        .then((text) => manifest.parse(JSON.parse(text)))
        .catch(() => undefined);
      if (answer) this.#order = answer["PATHWAY-PRIORITY"];
      this.#choose();
      await this.#sleep((answer?.TTL ?? 4) * 1000);
    }
  }

  /** Goes to the best pathway that has not just failed. */
  #choose(): void {
    const now = performance.now();
    const known = this.#order.filter((name) => this.#variants.some(({ pathway = "origin" }) => pathway === name));
    this.#pathway = known.find((name) => (this.#avoided.get(name) ?? 0) < now) ?? known[0] ?? this.#pathway;
  }

  /** Reads the playlist once and loads what is new. Resolves to how long to wait, in ms. */
  async #follow(): Promise<number> {
    const pathway = this.#pathway;
    const [variant] = this.#variants
      .filter((one) => (one.pathway ?? "origin") === pathway)
      .sort((one, other) => one.bandwidthBps - other.bandwidthBps);
    if (!variant || pathway === undefined) return retryMs;
    try {
      const text = await this.#text(variant.uri);
      if (tornBy(text) !== undefined) return retryMs;
      const playlist = parseMedia(text);
      // Nobody is live: Owncast plays its clip.
      if (playlist.segments.some(({ uri }) => isOfflineClip(uri))) return offlineMs;
      const fresh = this.#fresh(playlist);
      for (const segment of fresh) {
        await this.#load(segment, variant.uri);
        // It was steered elsewhere meanwhile.
        if (this.#pathway !== pathway) return 0;
      }
      const lastSeconds = playlist.segments.at(-1)?.durationSeconds ?? playlist.targetDurationSeconds;
      const waitSeconds = fresh.length > 0 ? lastSeconds : playlist.targetDurationSeconds / 2;
      return Math.min(waitSeconds * 1000, mostMs);
    } catch {
      this.#avoided.set(pathway, performance.now() + avoidsMs);
      this.#choose();
      return this.#pathway === pathway ? retryMs : 0;
    }
  }

  /** The segments that it has not loaded yet. */
  #fresh({ segments, targetDurationSeconds }: MediaPlaylist): readonly MediaSegment[] {
    const [first, last] = [segments[0]?.sequence ?? 0, segments.at(-1)?.sequence ?? 0];
    const next = this.#nextSequence;
    if (next === undefined || next < first || next > last + 1) {
      let behind = 0;
      const start = segments.findLast(({ durationSeconds }) => {
        behind += durationSeconds;
        return behind >= targetsBehind * targetDurationSeconds;
      });
      this.#nextSequence = start?.sequence ?? first;
    }
    return segments.filter(({ sequence }) => sequence >= (this.#nextSequence ?? 0));
  }

  async #load(segment: MediaSegment, playlistUri: string): Promise<void> {
    const startedMs = performance.now();
    const bytes = (await this.#get(new URL(segment.uri, playlistUri).href)).length;
    const nowMs = performance.now();
    this.#throughputBps = (bytes * 8000) / Math.max(1, nowMs - startedMs);
    this.#buffer.append(nowMs, segment.durationSeconds);
    this.#nextSequence = segment.sequence + 1;
  }

  async #text(address: string): Promise<string> {
    return (await this.#get(address)).toString();
  }

  /** The body; rejects for any status but 200. */
  async #get(address: string): Promise<Buffer> {
    const { status, body } = await this.#client!.fetch(address, { signal: this.#options.signal });
    if (status !== 200) throw new Error(`status ${status}`);
    return body;
  }

  #sleep = (ms: number): Promise<void> => sleep(ms, undefined, { signal: this.#options.signal }).catch(() => {});
}
