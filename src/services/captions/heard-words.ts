/** A word with its place in the sound, in samples since the first one. */
export interface HeardWord {
  readonly text: string;
  readonly startSample: number;
  readonly endSample: number;
}

/** A word as told, its times already in samples; NaN where the server does not say. */
export interface PlacedWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const rate = 16_000;
// Two partial results agree on a word if its times differ by no more than this.
const agreeWithin = 0.3 * rate;
// A recogniser tells a word up to a second after it was said. So an empty result settles only what is older than this.
const tellsWithin = 1.5 * rate;
// At the edge of the sound a recogniser often takes the beginning of a word for another word. A server that is behind is always there.
const unsureWithin = 0.5 * rate;
// A word of which nobody says how long it is.
const shortest = 0.05 * rate;
// A server that never gives a final result: about an hour of speech.
const mostWaiting = 10_000;

/**
 * What a recogniser has said of one stream of sound. Words become stable when a final result, or two partial results in a row, say
 * them. Words that were taken are never taken again: later results for the same time are ignored. Pure but for its own state.
 */
export class HeardWords {
  /** Words of final results that nobody has taken. */
  #final: HeardWord[] = [];
  /** What the server hears since the last final result. */
  #partial: readonly HeardWord[] = [];
  /** So many of the first words of `#partial` were also in the partial result before it. */
  #stable = 0;
  /** Where the sound of the next result begins: nothing is heard before it. */
  #from = 0;
  /** The last word taken from the partial results since the last final one. */
  #taken: HeardWord | undefined;
  /** How many were taken from them. */
  #takenCount = 0;
  #settled = 0;
  /** How far the server had heard at the last partial result. */
  #heard = 0;
  /** How many words had times that cannot be. */
  strangeTimes = 0;
  #lost = 0;

  /** Nothing before this sample changes any more, or comes. */
  get settledSample(): number {
    return this.#settled;
  }

  /** A partial result. `heardSample`: how far the server has heard. */
  partial(words: readonly PlacedWord[], heardSample: number): void {
    // Without times nobody knows which words belong to a segment that must be committed now: wait for the final result.
    const isTimed = words.every(({ start, end }) => !Number.isNaN(start) && !Number.isNaN(end));
    const now = isTimed ? this.#fresh(this.#placed(words, heardSample)) : [];
    this.#heard = heardSample;
    const before = this.#partial;
    const differs = now.findIndex((word, index) => !agree(word, before[index]));
    this.#stable = differs < 0 ? now.length : differs;
    this.#partial = now;
    if (words.length === 0) this.#settle(heardSample - tellsWithin);
    // What was heard before the first word is silence, as far as the server knows by now.
    else if (now[0]) this.#settle(Math.min(now[0].startSample, heardSample - tellsWithin));
  }

  /** A final result: the words of all sound up to `heardSample`. */
  final(words: readonly PlacedWord[], heardSample: number): void {
    const placed = this.#placed(words, heardSample);
    this.#keep(this.#fresh(placed));
    // A server that looks for pauses may have heard the beginning of the next words already.
    const fromSample = Math.max(placed.at(-1)?.endSample ?? 0, heardSample - tellsWithin);
    this.#next(fromSample);
    this.#settle(fromSample);
  }

  /** The server says that nothing before this sample changes or comes. */
  settle(sample: number, heardSample: number): void {
    if (sample > 0) this.#settle(Math.min(sample, heardSample));
  }

  /** The server is gone, and forgets. What it said last stays. The next sound begins at `fromSample`. */
  lose(fromSample: number): void {
    this.#keep(this.#partial);
    this.#next(fromSample);
    this.#settle(fromSample);
  }

  /**
   * Takes the words that begin before a sample: all that are stable, and those of the last partial result that also end before it, and
   * not at the edge of what was heard. In order of time; each word once.
   */
  take(untilSample: number): HeardWord[] {
    const count = countWhile(this.#final, ({ startSample }) => startSample < untilSample);
    const taken = this.#final.splice(0, count);
    // Words of partial results come after those of final ones.
    if (this.#final.length > 0) return taken;
    const unstableUntil = Math.min(untilSample, this.#heard - unsureWithin);
    const isDue = ({ startSample, endSample }: HeardWord, index: number): boolean =>
      index < this.#stable ? startSample < untilSample : endSample <= unstableUntil;
    const due = countWhile(this.#partial, isDue);
    if (due === 0) return taken;
    this.#taken = this.#partial[due - 1];
    this.#takenCount += due;
    taken.push(...this.#partial.slice(0, due));
    this.#partial = this.#partial.slice(due);
    this.#stable = Math.max(0, this.#stable - due);
    return taken;
  }

  /** How many words were given up since the last call, because nobody took them. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  #next(fromSample: number): void {
    this.#partial = [];
    this.#stable = 0;
    this.#taken = undefined;
    this.#takenCount = 0;
    this.#from = Math.max(this.#from, fromSample);
  }

  #settle(sample: number): void {
    this.#settled = Math.max(this.#settled, sample);
  }

  #keep(words: readonly HeardWord[]): void {
    this.#final.push(...words);
    const over = this.#final.length - mostWaiting;
    if (over <= 0) return;
    this.#final.splice(0, over);
    this.#lost += over;
  }

  /** Without the words for whose time others were taken. */
  #fresh(words: readonly HeardWord[]): readonly HeardWord[] {
    const taken = this.#taken;
    if (!taken) return words;
    const isOld = ({ text, startSample, endSample }: HeardWord): boolean =>
      (startSample + endSample) / 2 <= taken.endSample || (text === taken.text && startSample < taken.endSample);
    // Most results say the same words as the one before, and more.
    const isSame = agree(taken, words[this.#takenCount - 1]);
    // They are in order, also behind the one that was taken.
    return words
      .slice(isSame ? this.#takenCount : countWhile(words, isOld))
      .map(({ text, startSample, endSample }) => ({
        text,
        startSample: Math.max(startSample, taken.startSample),
        endSample: Math.max(endSample, taken.startSample),
      }));
  }

  /** Puts words into the time in which they were heard, in the order in which they were told. */
  #placed(words: readonly PlacedWord[], heardSample: number): readonly HeardWord[] {
    const [from, until] = [Math.min(this.#from, heardSample), heardSample];
    const share = (until - from) / Math.max(1, words.length);
    let least = from;
    return words.map(({ text, start, end }, index): HeardWord => {
      const isUntimed = Number.isNaN(start) || Number.isNaN(end);
      const [wantedStart, wantedEnd] = isUntimed
        ? [from + index * share, from + (index + 1) * share]
        : [start, Math.max(end, start + shortest)];
      const startSample = clamp(Math.round(wantedStart), least, until);
      const endSample = clamp(Math.round(wantedEnd), startSample, until);
      // Recognisers round their times, and may hear a word a little before the sound's end.
      const isStrange =
        !isUntimed && Math.max(startSample - wantedStart, wantedEnd - endSample, start - end) > agreeWithin;
      if (isStrange) this.strangeTimes += 1;
      least = startSample;
      return { text, startSample, endSample };
    });
  }
}

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

const agree = (word: HeardWord, other: HeardWord | undefined): boolean =>
  other !== undefined &&
  word.text === other.text &&
  Math.abs(word.startSample - other.startSample) <= agreeWithin &&
  Math.abs(word.endSample - other.endSample) <= agreeWithin;

/** How many of the first ones hold. */
function countWhile<T>(list: readonly T[], holds: (one: T, index: number) => boolean): number {
  const first = list.findIndex((one, index) => !holds(one, index));
  return first < 0 ? list.length : first;
}
