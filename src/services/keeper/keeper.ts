import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isAboutToGoOn, Waiting } from "./first-segment.ts";
import { type FaultCounts, Faults } from "./keeper-faults.ts";
import { KeptSegments } from "./kept-segments.ts";
import { OwncastFolder } from "./owncast-folder.ts";
import { answerFor, lookAt, nothingYet, type StageState } from "./stage-playlists.ts";
import { readState, writeState } from "./state-file.ts";
import { monotonicMs } from "./steady-clock.ts";
import { isOn } from "./variant-state.ts";

export interface KeeperOptions {
  /** Owncast's folder of playlists and segments. */
  readonly hlsDir: string;
  /** Where segments and the state are held; on the same file system, so that holding takes no room. */
  readonly keptDir: string;
  /** How long a lost publisher may take to come back before the answers end. */
  readonly graceMs: number;
  /** Gets a line for the operator when something goes wrong, and when that is over. */
  readonly say: (line: string) => void;
}

/** What happened so far, for an operator. */
export interface KeeperCounts {
  readonly drops: number;
  readonly heldSeconds: number;
  readonly tornReads: number;
  readonly faults: FaultCounts;
}

const sweepMs = 5000;
// A frozen answer is worse than none: with none, Caddy asks Owncast.
const mostBlindMs = 10_000;

/**
 * Watches Owncast's folder and knows what players are to be answered. Its state is on disk: it may be killed at any time. Whatever
 * the disk says, it goes on from memory. All times are of the monotonic clock; tests bring their own.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #faults: Faults;
  readonly #folder: OwncastFolder;
  readonly #kept: KeptSegments;
  readonly #counts = { drops: 0, heldMs: 0 };
  /** What was answered since the state changed, by name. */
  readonly #answers = new Map<string, string | undefined>();
  readonly #waiting = new Waiting();
  #state: StageState;
  /** The state as text, and as it was written last. */
  #text: string;
  #written: string;
  #lookedMs: number | undefined;
  /** Since when looking fails. */
  #blindSinceMs: number | undefined;
  /** When Owncast wiped its folder since the publisher was lost: as he connects again, or at its own start. */
  #wipedMs: number | undefined;
  #sweptMs = 0;

  constructor(options: KeeperOptions, nowMs = monotonicMs()) {
    this.#options = options;
    this.#faults = new Faults(options.say);
    this.#folder = new OwncastFolder(options.hlsDir, this.#faults);
    this.#makeFolder();
    this.#kept = new KeptSegments(options.hlsDir, options.keptDir, this.#faults);
    this.#state = readState(this.#stateFile, nowMs, options.say);
    this.#text = JSON.stringify(this.#state);
    this.#written = this.#text;
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
      if (nowMs - this.#blindSinceMs > mostBlindMs) this.#become(nothingYet);
    }
    this.#waiting.release(nowMs, (variant) => this.#isAboutToGoOn(variant, nowMs));
  }

  /** How old the newest segment of a publisher is that has been listed, in seconds; undefined before the first. */
  newestAgeSeconds(nowMs = monotonicMs()): number | undefined {
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
  untilItGoesOn(variant: number, nowMs = monotonicMs()): Promise<void> | undefined {
    if (!this.#isAboutToGoOn(variant, nowMs)) return undefined;
    return this.#waiting.wait({ variant, nowMs });
  }

  /** Lets all go who wait. */
  stopWaiting(): void {
    this.#waiting.release(monotonicMs(), () => false);
  }

  /** Whether the answers may change: pictures come, or the publisher is waited for. */
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

  #look(nowMs: number): void {
    const master = this.#folder.master();
    const was = isHeld(this.#state);
    if (master.isSettled) this.#become(this.#hear(master.text, nowMs));
    const is = isHeld(this.#state);
    if (is && !was) this.#counts.drops += 1;
    if (is && was) this.#counts.heldMs += nowMs - (this.#lookedMs ?? nowMs);
    this.#lookedMs = nowMs;
    this.#write(nowMs);
    if (!is) this.#wipedMs = undefined;
    else if (master.isWiped) this.#wipedMs = nowMs;
    if (nowMs - this.#sweptMs < sweepMs) return;
    this.#sweptMs = nowMs;
    this.#kept.sweep(this.#state.variants, nowMs);
  }

  #become(state: StageState): void {
    const text = JSON.stringify(state);
    if (text !== this.#text) this.#answers.clear();
    this.#text = text;
    this.#state = state;
  }

  #makeFolder(): void {
    try {
      mkdirSync(this.#options.keptDir, { recursive: true, mode: 0o750 });
    } catch (error) {
      this.#faults.failed("state", error);
    }
  }

  /** A held state differs from the one before in nothing that matters; it is written when it began. */
  #write(nowMs: number): void {
    if (this.#text === this.#written) return;
    this.#makeFolder();
    try {
      writeState(this.#stateFile, this.#state, nowMs);
      this.#written = this.#text;
      this.#faults.worked("state");
    } catch (error) {
      this.#faults.failed("state", error);
    }
  }

  #isAboutToGoOn(variant: number, nowMs: number): boolean {
    return isAboutToGoOn(this.#state.variants[variant], { wipedMs: this.#wipedMs, nowMs });
  }

  #hear(master: string | undefined, nowMs: number): StageState {
    return lookAt(this.#state, {
      master,
      playlist: (input) => this.#folder.playlist(input),
      nowMs,
      graceMs: this.#options.graceMs,
      hold: (variant) => this.#kept.hold(variant),
    });
  }
}

const isHeld = ({ variants }: StageState): boolean => variants.some(({ phase }) => phase === "held");
