import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KeptSegments } from "./kept-segments.ts";
import { countVariants, type OwncastPlaylist, parseOwncastPlaylist } from "./owncast-playlist.ts";
import { answerFor, lookAt, nothingYet, type StageState } from "./stage.ts";
import { isOn } from "./variant-state.ts";
import { isAboutToGoOn, Waiting } from "./waiting.ts";

export interface KeeperOptions {
  /** Owncast's folder of playlists and segments. */
  readonly hlsDir: string;
  /** Where segments and the state are held; on the same file system, so that holding takes no room. */
  readonly keptDir: string;
  /** How long a lost publisher may take to come back before the answers end. */
  readonly graceMs: number;
}

/** What happened so far, for an operator. */
export interface KeeperCounts {
  readonly drops: number;
  readonly heldSeconds: number;
  readonly tornReads: number;
}

/** A playlist of Owncast's as it was read last; `variant` where it is a whole one of a variant. */
interface Seen {
  readonly signature: string;
  readonly text: string;
  readonly variant: OwncastPlaylist | undefined;
}

const sweepMs = 5000;

/** Watches Owncast's folder and knows what players are to be answered. Its state is on disk: it may be killed at any time. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #kept: KeptSegments;
  readonly #seen = new Map<string, Seen>();
  readonly #counts = { drops: 0, heldMs: 0, tornReads: 0 };
  /** What was answered since the state changed, by name. */
  readonly #answers = new Map<string, string | undefined>();
  readonly #waiting = new Waiting();
  #state: StageState;
  #written: string;
  #lookedMs = 0;
  /** When Owncast wiped its folder since the publisher was lost: as he connects again, or at its own start. */
  #wipedMs: number | undefined;
  #sweptMs = 0;

  constructor(options: KeeperOptions) {
    mkdirSync(options.keptDir, { recursive: true, mode: 0o750 });
    this.#options = options;
    this.#kept = new KeptSegments(options.hlsDir, options.keptDir);
    this.#state = readState(this.#stateFile);
    this.#written = JSON.stringify(this.#state);
  }

  /** Looks at the folder once; to be called several times a second. */
  look(nowMs = Date.now()): void {
    const before = this.#state;
    const master = this.#master();
    const after = master.isSettled ? this.#hear(master.text, nowMs) : before;
    const [was, is] = [before, after].map(isHeld);
    if (is && !was) this.#counts.drops += 1;
    if (is && was) this.#counts.heldMs += nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    // A held state differs from the one before in nothing that matters; it is written when it began.
    const text = JSON.stringify(after);
    if (text !== this.#written) {
      writeState(this.#stateFile, text);
      this.#answers.clear();
    }
    this.#written = text;
    this.#state = after;
    if (!is) this.#wipedMs = undefined;
    else if (master.isWiped) this.#wipedMs = nowMs;
    this.#waiting.release(nowMs, (variant) => this.#isAboutToGoOn(variant, nowMs));
    if (nowMs - this.#sweptMs < sweepMs) return;
    this.#sweptMs = nowMs;
    this.#kept.sweep(after.variants, nowMs);
  }

  /** How old the newest segment of a publisher is that has been listed, in seconds; undefined before the first. */
  newestAgeSeconds(nowMs = Date.now()): number | undefined {
    const newestMs = Math.max(0, ...this.#state.variants.map((variant) => variant.newestMs));
    return newestMs === 0 ? undefined : (nowMs - newestMs) / 1000;
  }

  /** The master playlist (`""`) or a variant's (`0`, `1`, …); undefined where there is nothing to say. */
  answer(name: string): string | undefined {
    if (!this.#answers.has(name)) this.#answers.set(name, answerFor(this.#state, name));
    return this.#answers.get(name);
  }

  /**
   * Resolves when a lost publisher's first segment of a variant is there, or after 2 s; undefined unless it is about to come. A
   * player with nothing new asks again after half a segment: who asked just before it would be late by so much.
   */
  untilItGoesOn(variant: number, nowMs = Date.now()): Promise<void> | undefined {
    if (!this.#isAboutToGoOn(variant, nowMs)) return undefined;
    return this.#waiting.wait({ variant, nowMs });
  }

  /** Lets all go who wait. */
  stopWaiting(): void {
    this.#waiting.release(Date.now(), () => false);
  }

  /** Whether the answers may change: pictures come, or the publisher is waited for. */
  isOnAir(): boolean {
    return this.#state.variants.some(isOn);
  }

  counts(): KeeperCounts {
    const { drops, heldMs, tornReads } = this.#counts;
    return { drops, heldSeconds: heldMs / 1000, tornReads };
  }

  get keptBytes(): number {
    return this.#kept.bytes();
  }

  get #stateFile(): string {
    return join(this.#options.keptDir, "state.json");
  }

  #isAboutToGoOn(variant: number, nowMs: number): boolean {
    return isAboutToGoOn(this.#state.variants[variant], { wipedMs: this.#wipedMs, nowMs });
  }

  #hear(master: string | undefined, nowMs: number): StageState {
    return lookAt(this.#state, {
      master,
      playlist: (input) => this.#playlist(input),
      nowMs,
      graceMs: this.#options.graceMs,
      hold: (variant) => this.#kept.hold(variant),
    });
  }

  /** Cut off between two variants it would look whole: so one that has changed counts from the next look on. */
  #master(): { readonly text: string | undefined; readonly isSettled: boolean; readonly isWiped: boolean } {
    const before = this.#seen.get("stream.m3u8");
    const now = this.#read("stream.m3u8");
    return { text: now?.text, isSettled: !now || now.text === before?.text, isWiped: before !== undefined && !now };
  }

  #playlist(input: number): OwncastPlaylist | "torn" | undefined {
    const seen = this.#read(`${input}/stream.m3u8`);
    return seen && (seen.variant ?? "torn");
  }

  /** Read only when it has changed since. */
  #read(name: string): Seen | undefined {
    const file = join(this.#options.hlsDir, name);
    try {
      const { mtimeMs, ino, size } = statSync(file);
      const signature = `${mtimeMs} ${ino} ${size}`;
      const before = this.#seen.get(name);
      if (before?.signature === signature) return before;
      const text = readFileSync(file, "utf8");
      const variant = name === "stream.m3u8" ? undefined : parseOwncastPlaylist(text);
      if (!variant && (name !== "stream.m3u8" || countVariants(text) === undefined)) this.#counts.tornReads += 1;
      const seen = { signature, text, variant };
      this.#seen.set(name, seen);
      return seen;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      this.#seen.delete(name);
      return undefined;
    }
  }
}

const isHeld = ({ variants }: StageState): boolean => variants.some(({ phase }) => phase === "held");

function readState(file: string): StageState {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as StageState;
  } catch {
    // None yet, or one of another time's form: the answers begin anew.
    return nothingYet;
  }
}

/** Whole or not at all: a kill leaves the state before or the one after. */
function writeState(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o640 });
  renameSync(`${file}.new`, file);
}
