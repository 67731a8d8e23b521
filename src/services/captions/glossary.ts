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
const closing = /[\p{Pe}\p{Pf}"'.,;:!?…。、，！？；：؟،؛۔]+$/u;

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
      const heard = words.slice(at).map(({ text }) => tokenOf(text, true, false));
      if (isUnbroken(words.slice(at)) && this.#beginnings.has(heard.join(this.#glue))) return at;
    }
    return words.length;
  }

  #runAt(words: readonly TimedWord[], at: number): Run {
    for (let length = Math.min(this.#most, words.length - at); length > 0; length--) {
      const heard = words.slice(at, at + length);
      const key = heard.map(({ text }, word) => tokenOf(text, word === 0, word === length - 1)).join(this.#glue);
      const written = this.#written.get(key);
      if (written === undefined || !isUnbroken(heard)) continue;
      const [first, last] = [heard[0]!, heard[length - 1]!];
      const before = opening.exec(first.text)?.[0] ?? "";
      const after = closing.exec(last.text)?.[0] ?? "";
      return { text: `${before}${written}${after}`, start: first.start, end: last.end, words: length, isEntry: true };
    }
    const { text, start, end } = words[at]!;
    return { text, start, end, words: 1, isEntry: false };
  }

  #beginningsOf(key: string, parts: readonly string[]): string[] {
    if (this.#glue === "") return Array.from(key, (_, at) => Array.from(key).slice(0, at).join("")).slice(1);
    return parts.map((_, count) => parts.slice(0, count).join(" ")).slice(1);
  }
}

const wordsOf = (text: string): string[] => fold(cleanText(text)).split(" ").filter(Boolean);

// The long way round to lower case: some letters have no lower form of their own (ſ) or two (Σ).
const fold = (text: string): string => text.normalize("NFC").toUpperCase().toLowerCase();

/** A word as entries have it. Punctuation counts inside of a run and not around it. */
function tokenOf(text: string, isFirst: boolean, isLast: boolean): string {
  const begun = isFirst ? text.replace(opening, "") : text;
  return fold(isLast ? begun.replace(closing, "") : begun);
}

const isUnbroken = (words: readonly TimedWord[]): boolean =>
  words.every(({ start }, at) => at === 0 || start - words[at - 1]!.end <= longestGapSeconds);
