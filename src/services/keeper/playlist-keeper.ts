import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Edges } from "../../lib/edges-file.ts";
import { monotonicMs } from "../../lib/monotonic.ts";
import { CaptionTracks, type LiveTracks, noTracks } from "./caption-tracks.ts";
import { masterWithCaptions } from "./captions-master.ts";
import { masterWithEdges } from "./edges-master.ts";
import { EdgesOrder } from "./edges-order.ts";
import { type FaultCounts, Faults } from "./keeper-faults.ts";
import { KeptSegments } from "./kept-segments.ts";
import { OwncastFolder } from "./owncast-folder.ts";
import { emptyStage, playlistText, type StageState, shownStage, updateStage } from "./stage-playlists.ts";
import { readState, writeState } from "./state-file.ts";
import { isOn, type KeptSegment, silent } from "./variant.ts";

export interface KeeperOptions {
  /** Owncast's folder of playlists and segments. */
  readonly hlsDir: string;
  /** The folder for kept segments and the state. On the same file system, kept segments take no room. */
  readonly keptDir: string;
  /** The grace: the time for which a lost publisher may be gone before the playlists end. */
  readonly graceMs: number;
  /** The stage's edges, to which the master playlist then leads. */
  readonly edges?: Edges | undefined;
  /** File with the present order of the edges, one pathway a line; it may come and go. */
  readonly edgesOrderFile?: string | undefined;
  /** The folder of the captions service. Without it, playlists are as if there were no captions. */
  readonly captionsDir?: string | undefined;
  /** Gets a line for the operator when a fault begins, and when it is over. */
  readonly say: (line: string) => void;
}

/** The events so far, for an operator. */
export interface KeeperCounts {
  readonly drops: number;
  readonly heldSeconds: number;
  readonly tornReads: number;
  readonly faults: FaultCounts;
}

const sweepMs = 5000;
// After so long without a look the playlists are dropped: then Caddy or nginx asks Owncast, which is better than a frozen playlist.
const mostBlindMs = 10_000;

// A new session's first segment appears one segment length plus this delay after Owncast's wipe. Measured: 0.1 s less to 0.8 s more,
// the less the higher the frame rate; 2.7 s on busy machines.
const firstSegment = { leastMs: -100, usualMs: 800, mostMs: 4000 };
// Caddy gives a request up after five seconds, nginx after three. Players may do so sooner.
const mostWaitMs = 2000;
const mostWaiting = 10_000;

/** A player whose response waits for a variant's next segment. */
interface WaitingPlayer {
  readonly variant: number;
  readonly untilMs: number;
  readonly release: () => void;
}

/**
 * Watches Owncast's folder and holds the playlists for players. Its state is on disk, so it may be killed at any time. If the disk
 * fails, it goes on from memory. All times are of the monotonic clock; tests pass their own.
 */
export class PlaylistKeeper {
  readonly #options: KeeperOptions;
  readonly #faults: Faults;
  readonly #folder: OwncastFolder;
  readonly #kept: KeptSegments;
  readonly #counts = { drops: 0, heldMs: 0 };
  /** The texts of the present state, by name. */
  readonly #playlists = new Map<string, string | undefined>();
  readonly #edgesOrder: EdgesOrder;
  /** The order of which the master playlist in `#playlists` is. */
  #order: readonly string[] = [];
  readonly #captions: CaptionTracks | undefined;
  /** The tracks of which the texts in `#playlists` are. */
  #tracks: LiveTracks = noTracks;
  #waiting: WaitingPlayer[] = [];
  #state: StageState;
  /** What of it players may know. */
  #shown: StageState;
  /** The state that is on disk. */
  #written: StageState;
  #lookedMs: number | undefined;
  /** Since when looking fails. */
  #blindSinceMs: number | undefined;
  /** Whether the publisher was lost in the present stream. */
  #wasLost = false;
  /** When Owncast last wiped its folder while the publisher was lost: a publisher connected, or Owncast started. */
  #wipedMs: number | undefined;
  #sweptMs = 0;

  constructor(options: KeeperOptions, nowMs = monotonicMs()) {
    this.#options = options;
    this.#faults = new Faults(options.say);
    this.#folder = new OwncastFolder(options.hlsDir, this.#faults);
    this.#edgesOrder = new EdgesOrder(options.edgesOrderFile);
    this.#captions = options.captionsDir === undefined ? undefined : new CaptionTracks(options.captionsDir);
    this.#makeFolder();
    this.#kept = new KeptSegments(options.hlsDir, options.keptDir, this.#faults);
    this.#state = readState(this.#stateFile, nowMs, options.say);
    this.#shown = shownStage(this.#state);
    this.#written = this.#state;
  }

  /** Looks at the folder once; to be called several times a second. Never throws. */
  look(nowMs = monotonicMs()): void {
    this.#faults.at(nowMs);
    try {
      this.#look(nowMs);
      this.#blindSinceMs = undefined;
      this.#faults.worked("look");
    } catch (error) {
      this.#faults.failed("look", error);
      this.#blindSinceMs ??= nowMs;
      if (nowMs - this.#blindSinceMs > mostBlindMs) this.#become(emptyStage);
    }
    this.#release((player) => nowMs < player.untilMs && this.#isFirstSegmentNear(player.variant, nowMs));
  }

  /** Seconds since the newest segment was there; undefined before the first. */
  newestAgeSeconds(nowMs = monotonicMs()): number | undefined {
    const newestMs = Math.max(0, ...this.#state.variants.map((variant) => variant.newestMs));
    return newestMs === 0 ? undefined : (nowMs - newestMs) / 1000;
  }

  /** The master playlist (`""`) or a variant's (`0`, `1`, …); undefined if there is none yet. */
  playlist(name: string, nowMs = monotonicMs()): string | undefined {
    const tracks = this.#captions?.at(nowMs) ?? noTracks;
    if (tracks !== this.#tracks) this.#playlists.clear();
    this.#tracks = tracks;
    if (!this.#playlists.has(name)) this.#playlists.set(name, this.#text(name));
    return this.#playlists.get(name);
  }

  /** The playlist of a caption track, which follows that of variant 0; undefined if there is none yet, `unknown` if there is no such track. */
  captionsPlaylist(language: string, nowMs = monotonicMs()): string | "unknown" | undefined {
    if (!this.#captions) return "unknown";
    return this.#captions.playlist(language, this.#state.variants[0] ?? silent, nowMs);
  }

  /** Variant 0 for the captions service: also the segments that still wait for their captions. Undefined if there is none. */
  unshownPlaylist(): string | undefined {
    return playlistText(this.#state, "0");
  }

  /** How many tracks the master playlist names, and the responses for each track; undefined without a folder of captions. */
  captions(
    nowMs = monotonicMs(),
  ): { readonly tracks: number; readonly responses: ReadonlyMap<string, number> } | undefined {
    return this.#captions && { tracks: this.#captions.at(nowMs).tracks.length, responses: this.#captions.responses };
  }

  /**
   * Resolves when a returned publisher's first segment of a variant is there, or after 2 s; undefined if none is near. A player
   * that finds nothing new asks again after half a segment, so one that asks just before the segment would be late by that.
   */
  waitForFirstSegment(variant: number, nowMs = monotonicMs()): Promise<void> | undefined {
    if (!this.#isFirstSegmentNear(variant, nowMs)) return undefined;
    if (this.#waiting.length >= mostWaiting) return Promise.resolve();
    return new Promise((release) => this.#waiting.push({ variant, untilMs: nowMs + mostWaitMs, release }));
  }

  /** Releases all waiting players. */
  stopWaiting(): void {
    this.#release(() => false);
  }

  /** Whether the playlists may change: a stream runs, or the keeper waits for a lost publisher. */
  isOnAir(): boolean {
    return this.#state.variants.some(isOn);
  }

  counts(): KeeperCounts {
    const { drops, heldMs } = this.#counts;
    return { drops, heldSeconds: heldMs / 1000, tornReads: this.#folder.tornReads, faults: this.#faults.counts() };
  }

  get keptBytes(): number {
    return this.#kept.bytes();
  }

  get #stateFile(): string {
    return join(this.#options.keptDir, "state.json");
  }

  #text(name: string): string | undefined {
    const { edges } = this.#options;
    const { tracks, trailSegments } = this.#tracks;
    const text = playlistText(this.#shown, name, trailSegments);
    if (name !== "" || text === undefined) return text;
    const master = masterWithCaptions(text, tracks);
    return edges ? masterWithEdges(master, edges, this.#order) : master;
  }

  #look(nowMs: number): void {
    // It must know for how long there are tracks, also if nobody asks.
    this.#captions?.at(nowMs);
    const order = this.#edgesOrder.at(nowMs);
    if (order !== this.#order) this.#playlists.delete("");
    this.#order = order;
    const master = this.#folder.master();
    const was = isHeld(this.#state);
    if (master.isSettled) this.#become(this.#update(master.text, nowMs));
    const is = isHeld(this.#state);
    if (is && !was) this.#counts.drops += 1;
    this.#wasLost = is || (this.#wasLost && this.isOnAir());
    if (is && was) this.#counts.heldMs += nowMs - (this.#lookedMs ?? nowMs);
    this.#lookedMs = nowMs;
    this.#write(nowMs);
    if (!is) this.#wipedMs = undefined;
    else if (master.isWiped) this.#wipedMs = nowMs;
    if (nowMs - this.#sweptMs < sweepMs) return;
    this.#sweptMs = nowMs;
    this.#kept.sweep(this.#state.variants, nowMs);
  }

  #update(master: string | undefined, nowMs: number): StageState {
    const captions = this.#captions;
    return updateStage(this.#state, {
      master,
      playlist: (input) => this.#folder.playlist(input),
      nowMs,
      graceMs: this.#options.graceMs,
      keepSegments: (variant) => this.#kept.keep(variant),
      ...(captions && {
        isAwaited: (segment, seconds) => captions.isAwaited(segment, seconds, this.#isAfterLoss(segment), nowMs),
      }),
    });
  }

  /** Whether the publisher was lost before it in the present stream, also if it went on in the same session. */
  #isAfterLoss({ ordinal }: KeptSegment): boolean {
    return ordinal > 0 || (this.#wasLost && !isHeld(this.#state));
  }

  #become(state: StageState): void {
    if (state === this.#state) return;
    this.#playlists.clear();
    this.#state = state;
    this.#shown = shownStage(state);
  }

  #makeFolder(): void {
    try {
      mkdirSync(this.#options.keptDir, { recursive: true, mode: 0o750 });
    } catch (error) {
      this.#faults.failed("state", error);
    }
  }

  #write(nowMs: number): void {
    if (this.#state === this.#written) return;
    this.#makeFolder();
    try {
      writeState(this.#stateFile, this.#state, nowMs);
      this.#written = this.#state;
      this.#faults.worked("state");
    } catch (error) {
      this.#faults.failed("state", error);
    }
  }

  /** Whether a returned publisher's first segment of a variant comes before a player would ask again. */
  #isFirstSegmentNear(index: number, nowMs: number): boolean {
    const variant = this.#state.variants[index];
    if (this.#wipedMs === undefined || variant?.phase !== "held") return false;
    const segmentMs = variant.targetDuration * 1000;
    // From half a segment before it on, but never so early that the wait ends just before the segment comes.
    const fromMs = Math.max(segmentMs / 2 + firstSegment.leastMs, segmentMs + firstSegment.usualMs - mostWaitMs);
    const sinceMs = nowMs - this.#wipedMs;
    return sinceMs >= fromMs && sinceMs <= segmentMs + firstSegment.mostMs;
  }

  #release(goesOnWaiting: (player: WaitingPlayer) => boolean): void {
    const players = this.#waiting;
    this.#waiting = [];
    for (const player of players)
      if (goesOnWaiting(player)) this.#waiting.push(player);
      else player.release();
  }
}

const isHeld = ({ variants }: StageState): boolean => variants.some(({ phase }) => phase === "held");
