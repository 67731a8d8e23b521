import type { CaptionSource, Segment, StageSeconds, TimedWord } from "./source.ts";
import { StageClock } from "./stage-clock.ts";
import { WrittenPages } from "./written-pages.ts";

/** A captioner may pause for so long, before the stream too. */
const seenForMs = 10 * 60_000;
/** Without a new segment for so long, nobody is on air. A camera that reconnects takes less. */
const offAirAfterMs = 60_000;
/** More than anybody types ahead; what waits longer belongs to no picture any more. */
const mostWaitingPages = 40;

/** What became of a captioner's text. */
export interface PushResult {
  /** Lines that will be shown. */
  readonly accepted: number;
  /** How long it takes until the last of them is on screen, behind those that wait already. */
  readonly waitingSeconds: number;
  /** Whether the stage is on air. Text for a stage that is off air is not kept. */
  readonly live: boolean;
  /** Whether too much waits already; then nothing is accepted. */
  readonly full: boolean;
}

/** Where a captioner's text goes. */
export interface PushInbox {
  /** Lines of text that were written now; none: the captioner says that it is there. */
  put(lines: readonly string[]): PushResult;
}

/** A track that a person writes. */
export interface PushSource extends CaptionSource {
  readonly inbox: PushInbox;
}

export interface PushSourceOptions {
  readonly language: string;
  readonly say: (line: string) => void;
  /** Ms since the epoch. */
  readonly now?: () => number;
}

/** Starts a track that a human captioner writes. It is ready while one has been seen: in this stream, or in the last ten minutes. */
export function startPushSource(options: PushSourceOptions): PushSource {
  return new WrittenTrack(options);
}

class WrittenTrack implements PushSource {
  readonly inbox: PushInbox = { put: (lines) => this.#put(lines) };
  readonly #language: string;
  readonly #say: (line: string) => void;
  readonly #now: () => number;
  readonly #clock = new StageClock();
  #pages: WrittenPages;
  #seenMs = Number.NEGATIVE_INFINITY;
  #isSeenInStream = false;
  #heardMs = Number.NEGATIVE_INFINITY;

  constructor({ language, say, now = Date.now }: PushSourceOptions) {
    this.#language = language;
    this.#say = say;
    this.#now = now;
    this.#pages = new WrittenPages(language);
  }

  get isReady(): boolean {
    return this.#isSeenLately || (this.#isSeenInStream && this.#isLive);
  }

  get fault(): string | undefined {
    return this.isReady ? undefined : "no captioner has connected";
  }

  hear(segment: Segment): void {
    if (!this.#isLive) this.#beginStream();
    this.#heardMs = this.#now();
    this.#clock.hear(segment, this.#heardMs);
  }

  /** Text that is written from now on belongs to a later picture. */
  settled(): StageSeconds {
    return this.#clock.stageAt(this.#now()) ?? Number.NEGATIVE_INFINITY;
  }

  commit(segment: Segment): readonly TimedWord[] {
    return this.#pages.commit(segment);
  }

  /** What is left is dropped when the next stream begins; until then no text is taken. */
  endSession(): void {
    this.#heardMs = Number.NEGATIVE_INFINITY;
  }

  async stop(): Promise<void> {}

  get #isLive(): boolean {
    return this.#now() - this.#heardMs <= offAirAfterMs;
  }

  get #isSeenLately(): boolean {
    return this.#now() - this.#seenMs <= seenForMs;
  }

  /** Text that is left over belongs to an earlier stream. */
  #beginStream(): void {
    this.#pages = new WrittenPages(this.#language);
    this.#isSeenInStream = this.#isSeenLately;
  }

  #put(lines: readonly string[]): PushResult {
    const now = this.#now();
    if (!this.isReady) this.#say(`a captioner for ${this.#language} has connected`);
    this.#seenMs = now;
    this.#isSeenInStream = true;
    const live = this.#isLive;
    const full = this.#pages.count >= mostWaitingPages;
    const from = this.#clock.stageAt(now);
    const isTaken = live && !full && from !== undefined;
    if (isTaken) for (const line of lines) this.#pages.add(line, from);
    const waitingSeconds = Math.round(this.#pages.seconds * 10) / 10;
    return { accepted: isTaken ? lines.length : 0, waitingSeconds, live, full };
  }
}
