import { type ClauseWords, clauseWords } from "./clause-words.ts";
import { partUnits } from "./cue-breaks.ts";
import { layOut, lineWidth } from "./cue-lines.ts";
import { isRightToLeft } from "./cue-text.ts";
import { aimColumnsPerSecond, mostColumnsPerSecond, timesOf } from "./cue-times.ts";
import { type Unit, unitsOf } from "./cue-units.ts";
import { type PagedWord, pagedWords } from "./cue-words.ts";
import { Glossary, type GlossaryEntry } from "./glossary.ts";
import type { Committed, Segment, StageSeconds } from "./source.ts";

/** A text on screen. It never changes once it is made. */
export interface Cue {
  /** The same in every segment that the cue spans, and no other cue's. */
  readonly id: string;
  readonly start: StageSeconds;
  readonly end: StageSeconds;
  /** One or two, each at most 42 columns wide. */
  readonly lines: readonly string[];
}

/** How fast a track's cues must be read. Shares are from 0 to 1. */
export interface Reading {
  readonly cues: number;
  /** The share of cues with more than 17 characters a second, which is the aim. */
  readonly over17Share: number;
  /** The share of cues with more than 25, which few people can read. */
  readonly over25Share: number;
}

// Stage times are sums of a playlist's durations.
const nearSeconds = 0.0005;
/** Makes a track's cues from its words, segment by segment. It gives the words as the engine writes them, but for the glossary. */
export class CueMaker {
  readonly #glossary: Glossary;
  readonly #clauses: ClauseWords;
  readonly #language: string;
  readonly #isRightToLeft: boolean;
  #held: readonly PagedWord[] = [];
  /** Cues that are not over at the end of the last segment. */
  #onScreen: readonly Cue[] = [];
  #last: { readonly segment: Segment; readonly made: number } | undefined;
  #free: StageSeconds = Number.NEGATIVE_INFINITY;
  #counts = { cues: 0, over17: 0, over25: 0 };

  constructor({ glossary, language }: { readonly glossary: readonly GlossaryEntry[]; readonly language: string }) {
    this.#glossary = new Glossary(glossary, language);
    this.#clauses = clauseWords(language);
    this.#language = language;
    this.#isRightToLeft = isRightToLeft(language);
  }

  /**
   * All cues that are on screen at any moment of the segment, in order, final. Called for each segment in order, also for those
   * without words. Words at the segment's very end may wait for the next one, at most 0.8 s, but not if it is not continuous: then a
   * cue ends with the segment.
   */
  cuesOf({ segment, words }: Committed, nextIsContinuous: boolean): readonly Cue[] {
    // The timestamps of the cue in the file before count on as they did there: the player has it still.
    if (segment.discontinuity)
      this.#onScreen = this.#onScreen.filter(({ start }) => start > segment.start - nearSeconds);
    const made = this.#make(segment, pagedWords(words, segment, this.#held.at(-1)?.start), nextIsContinuous, 0);
    this.#last = { segment, made: made.length };
    const all = [...this.#onScreen, ...made];
    this.#onScreen = all.filter(({ end }) => end > segment.end + nearSeconds);
    return all.filter(({ start, end }) => start < segment.end - nearSeconds && end > segment.start + nearSeconds);
  }

  /** The words that still wait, when no segment follows. No player sees them any more; the transcript has them. */
  finish(): readonly Cue[] {
    return this.#last ? this.#make(this.#last.segment, [], false, this.#last.made) : [];
  }

  /** How fast the cues so far must be read. */
  get reading(): Reading {
    const { cues, over17, over25 } = this.#counts;
    return { cues, over17Share: cues && over17 / cues, over25Share: cues && over25 / cues };
  }

  #make(segment: Segment, words: readonly PagedWord[], isOpen: boolean, firstId: number): Cue[] {
    const all = [...this.#held, ...words];
    const units = unitsOf(all, this.#glossary, this.#language);
    const entryWord = isOpen ? this.#glossary.openFrom(all) : all.length;
    const entryUnit = units.findIndex(({ word }) => word !== undefined && word >= entryWord);
    const entryFrom = entryUnit < 0 ? units.length : entryUnit;
    const parted = partUnits(units, { knownUntil: isOpen ? segment.end : undefined, entryFrom }, this.#clauses);
    const heldFrom = parted.held[0]?.word;
    this.#held = heldFrom === undefined ? [] : all.slice(heldFrom);
    return this.#timed(parted.cues, segment, isOpen, firstId);
  }

  #timed(cues: readonly (readonly Unit[])[], segment: Segment, isOpen: boolean, firstId: number): Cue[] {
    const wanted = cues.map((units) => ({ ...spanOf(units), columns: lineWidth(units) }));
    const from = Math.max(segment.start, this.#free);
    const follows = this.#free > segment.start - nearSeconds;
    const times = timesOf(wanted, { from, since: segment.start, follows, until: segment.end, isOpen });
    this.#free = times.at(-1)?.end ?? this.#free;
    for (const [at, { start, end }] of times.entries()) this.#count(wanted[at]!.columns / (end - start));
    return times.map((time, at) => ({
      id: `${idOf(segment)}-${firstId + at}`,
      ...time,
      lines: layOut(cues[at]!, this.#clauses, this.#isRightToLeft),
    }));
  }

  #count(columnsPerSecond: number): void {
    // Times are whole milliseconds.
    const near = 1.002;
    this.#counts.cues += 1;
    if (columnsPerSecond > aimColumnsPerSecond * near) this.#counts.over17 += 1;
    if (columnsPerSecond > mostColumnsPerSecond * near) this.#counts.over25 += 1;
  }
}

const spanOf = (units: readonly Unit[]) => ({ start: units[0]!.start, end: units.at(-1)!.end });

const idOf = ({ file }: Segment): string => file.replace(/\.ts$/, "").replace(/[^A-Za-z0-9_-]/g, "_");
