import { cleanText, isSpacelessLanguage } from "./cue-text.ts";
import type { TimedWord } from "./source.ts";

/** One entry of the stage file's glossary. */
export interface GlossaryEntry {
  /** What the engine writes, 1 to 8 words; letter case does not count. */
  readonly heard: string;
  readonly written: string;
}

/** A run of the engine's words and its text: the words themselves, or what the glossary writes for them. */
export interface Run {
  readonly text: string;
  /** From its first word's start to its last word's end. */
  readonly start: number;
  readonly end: number;
  /** How many of the words it stands for. */
  readonly words: number;
  readonly isEntry: boolean;
}

// An engine may split a word of a language without spaces into more groups than the entry has words.
const mostWords = 8;
const mostGroups = 24;
// A speaker who stops inside of a name says two things.
const longestGapSeconds = 1;
const opening = /^[\p{Ps}\p{Pi}"'¿¡]+/u;
const closing = /^[\p{Pe}\p{Pf}"'.,;:!?…。、，！？；：؟،؛۔]$/u;

/** Writes what a stage's glossary says: runs of heard words become the written form, the longest entry first. */
export class Glossary {
  readonly #written = new Map<string, string>();
  readonly #beginnings = new Set<string>();
  readonly #glue: "" | " ";
  readonly #most: number;

  constructor(entries: readonly GlossaryEntry[], language: string) {
    this.#glue = isSpacelessLanguage(language) ? "" : " ";
    for (const { heard, written } of entries) {
      const parts = wordsOf(heard).slice(0, mostWords);
      const text = cleanText(written);
      if (parts.length === 0 || text === "") continue;
      const key = parts.join(this.#glue);
      if (this.#written.has(key)) continue;
      this.#written.set(key, text);
      for (const beginning of this.#beginningsOf(key, parts)) this.#beginnings.add(beginning);
    }
    const isEmpty = this.#written.size === 0;
    this.#most = isEmpty ? 0 : this.#glue === "" ? mostGroups : mostWords;
  }

  /** The words as runs, in their order; each word is in exactly one. */
  apply(words: readonly TimedWord[]): Run[] {
    const runs: Run[] = [];
    for (let at = 0; at < words.length; at += runs.at(-1)!.words) runs.push(this.#runAt(words, at));
    return runs;
  }

  /**
   * The first of the words from which on all could be the beginning of an entry that goes on in what is not known yet; their count if
   * there is none.
   */
  openFrom(words: readonly TimedWord[]): number {
    for (let at = Math.max(0, words.length - this.#most); at < words.length; at++) {
      const heard = words.slice(at).map(({ text }, word) => fold(word === 0 ? withoutOpening(text) : text));
      if (isUnbroken(words.slice(at)) && this.#beginnings.has(heard.join(this.#glue))) return at;
    }
    return words.length;
  }

  #runAt(words: readonly TimedWord[], at: number): Run {
    const first = words[at]!;
    let run: Run = { text: first.text, start: first.start, end: first.end, words: 1, isEntry: false };
    let heard = "";
    for (let length = 1; length <= this.#most && at + length <= words.length; length++) {
      const last = words[at + length - 1]!;
      if (length > 1 && isPause(words[at + length - 2]!, last)) break;
      const begun = length === 1 ? fold(withoutOpening(last.text)) : `${heard}${this.#glue}${fold(last.text)}`;
      const written = this.#written.get(withoutClosing(begun));
      if (written !== undefined) {
        const before = first.text.slice(0, first.text.length - withoutOpening(first.text).length);
        const after = last.text.slice(withoutClosing(last.text).length);
        const text = `${before}${written}${after}`;
        run = { text, start: first.start, end: last.end, words: length, isEntry: true };
      }
      if (!this.#beginnings.has(begun)) break;
      heard = begun;
    }
    return run;
  }

  #beginningsOf(key: string, parts: readonly string[]): string[] {
    if (this.#glue === "") return Array.from(key, (_, at) => Array.from(key).slice(0, at).join("")).slice(1);
    return parts.map((_, count) => parts.slice(0, count).join(" ")).slice(1);
  }
}

const wordsOf = (text: string): string[] => fold(cleanText(text)).split(" ").filter(Boolean);

// The long way round to lower case: some letters have no lower form of their own (ſ) or two (Σ).
const fold = (text: string): string => text.normalize("NFC").toUpperCase().toLowerCase();

// Punctuation counts inside of a run, and not around it.
const withoutOpening = (text: string): string => text.replace(opening, "");

/** Not a pattern: for a word of many commas it would take very long. */
function withoutClosing(text: string): string {
  let end = text.length;
  while (end > 0 && closing.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

const isPause = (one: TimedWord, next: TimedWord): boolean => next.start - one.end > longestGapSeconds;

const isUnbroken = (words: readonly TimedWord[]): boolean =>
  words.every((word, at) => at === 0 || !isPause(words[at - 1]!, word));
