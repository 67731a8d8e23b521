import type { Segment, TimedWord } from "./source.ts";

/** A word with a time that can be. */
export interface PagedWord extends TimedWord {
  /** Whether a cue must end with it: the last word of a page, as captioners and translators write them. */
  readonly endsPage: boolean;
}

// A word's time may be wrong, but no word is spoken that long before its segment or stays on screen that long after it.
const mostEarlySeconds = 30;
const mostLateSeconds = 6;
/** Nobody says two words within this time: they were written. */
const writtenSeconds = 0.05;
/** Nobody says one word for so long: it stays to be read, or silence follows it. */
const longWordSeconds = 1.2;

/**
 * The words of a segment, in order, near the segment: an engine's times may lie. Words that all begin at once, the last of which stays,
 * are a page: it is on screen from the first word's start to the last one's end, and the words' times are shared out in it.
 */
export function pagedWords(words: readonly TimedWord[], segment: Segment, after?: number): PagedWord[] {
  const paged: PagedWord[] = [];
  let page: TimedWord[] = [];
  for (const word of plausible(words, segment, after)) {
    const last = page.at(-1);
    if (last && word.start - last.start > writtenSeconds) page = [];
    page.push(word);
    const isEnd = word.end - word.start >= longWordSeconds;
    paged.push({ ...word, endsPage: isEnd });
    if (!isEnd) continue;
    paged.splice(paged.length - page.length, page.length, ...shareTime(page));
    page = [];
  }
  return paged;
}

function shareTime(page: readonly TimedWord[]): PagedWord[] {
  const [start, end] = [page[0]!.start, page.at(-1)!.end];
  const letters = page.reduce((sum, { text }) => sum + text.length + 1, 0);
  let done = 0;
  return page.map(({ text }, at) => {
    const from = start + ((end - start) * done) / letters;
    done += text.length + 1;
    return { text, start: from, end: start + ((end - start) * done) / letters, endsPage: at === page.length - 1 };
  });
}

function plausible(words: readonly TimedWord[], segment: Segment, after = Number.NEGATIVE_INFINITY): TimedWord[] {
  const least = segment.start - mostEarlySeconds;
  let last = Math.max(after, least);
  return words.map(({ text, start, end }) => {
    last = Math.max(last, Math.min(segment.end, Number.isFinite(start) ? start : last));
    const until = Math.min(segment.end + mostLateSeconds, Number.isFinite(end) ? end : last);
    return { text, start: last, end: Math.max(last, until) };
  });
}
