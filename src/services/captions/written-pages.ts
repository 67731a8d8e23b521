import { between, cleanText, columnsOf, isSpaceless } from "./cue-text.ts";
import { aimColumnsPerSecond, mostColumnsPerSecond } from "./cue-times.ts";
import type { Segment, StageSeconds, TimedWord } from "./source.ts";

/** Two lines of 42 columns, less what breaking them costs. */
const pageColumns = 76;
const leastSeconds = 1.5;
/** `cues` takes words that stay this long at least for the end of a page. */
const shortestSeconds = 1.25;
/** With more to read than this, pages are shown as fast as people can read. */
const hurriedSeconds = 6;

interface Waiting {
  readonly words: readonly string[];
  readonly text: string;
  readonly columns: number;
  /** No earlier moment of the picture is meant. */
  readonly from: StageSeconds;
}

/**
 * Written text that waits for its place in the picture: text of a captioner or a translator has no time for each word. It is shown as
 * pages that fit on the screen, each long enough to be read, one after the other. No word is dropped.
 */
export class WrittenPages {
  readonly #language: string;
  #waiting: Waiting[] = [];
  #free: StageSeconds = Number.NEGATIVE_INFINITY;

  constructor(language: string) {
    this.#language = language;
  }

  /** How many pages wait. */
  get count(): number {
    return this.#waiting.length;
  }

  /** How long it takes to read what waits, at the usual speed. */
  get seconds(): number {
    return this.#waiting.reduce((sum, { columns }) => sum + aimOf(columns), 0);
  }

  /** Adds a line of text that belongs to a moment, or to the first one after it that is still to come. */
  add(line: string, from: StageSeconds): void {
    const text = cleanText(line);
    if (text === "") return;
    for (const words of pagesOf(text, this.#language)) {
      const page = joined(words, this.#language);
      this.#waiting.push({ words, text: page, columns: columnsOf(page), from });
    }
  }

  /** The pages that begin in a segment, as words. Asked for each segment in order. */
  commit(segment: Segment): TimedWord[] {
    const words: TimedWord[] = [];
    for (;;) {
      const next = this.#waiting[0];
      if (!next) return words;
      const start = Math.max(next.from, segment.start, this.#free);
      if (start >= segment.end) return words;
      const isHurried = this.seconds > hurriedSeconds;
      const page = this.#takeMerged(start + aimOf(next.columns));
      this.#free = start + (isHurried ? hurriedOf(page.columns) : aimOf(page.columns));
      const last = page.words.length - 1;
      for (const [at, text] of page.words.entries()) words.push({ text, start, end: at === last ? this.#free : start });
    }
  }

  /** The first page, together with later ones that would wait for it and fit beside it. */
  #takeMerged(until: StageSeconds): Waiting {
    let page = this.#waiting.shift()!;
    for (let next = this.#waiting[0]; next && next.from < until; next = this.#waiting[0]) {
      const text = page.text + between(page.text, next.text, this.#language) + next.text;
      const columns = columnsOf(text);
      if (columns > pageColumns) break;
      page = { words: [...page.words, ...next.words], text, columns, from: page.from };
      this.#waiting.shift();
    }
    return page;
  }
}

const aimOf = (columns: number): number => Math.max(leastSeconds, columns / aimColumnsPerSecond);
const hurriedOf = (columns: number): number => Math.max(shortestSeconds, columns / mostColumnsPerSecond);

/** A text in pages of words. Only a script without spaces, or a single long word, is broken elsewhere than at a space. */
function pagesOf(text: string, language: string): string[][] {
  const pages: string[][] = [];
  let page: string[] = [];
  let columns = 0;
  for (const word of text.split(" ").flatMap((part) => partsOf(part, language))) {
    const more = columnsOf(word) + 1;
    if (columns + more > pageColumns && page.length > 0) {
      pages.push(page);
      [page, columns] = [[], 0];
    }
    page.push(word);
    columns += more;
  }
  return [...pages, page];
}

/** A word, or the words of a text without spaces. */
function partsOf(part: string, language: string): string[] {
  if (!isSpaceless(part) || columnsOf(part) <= pageColumns / 2) return [part];
  return Array.from(new Intl.Segmenter(language, { granularity: "word" }).segment(part), ({ segment }) => segment);
}

const joined = (words: readonly string[], language: string): string =>
  words.reduce((text, word) => (text === "" ? word : text + between(text, word, language) + word), "");
