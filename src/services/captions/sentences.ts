import { between, cleanText } from "./cue-text.ts";
import type { Committed, StageSeconds, TimedWord } from "./source.ts";

const pauseSeconds = 0.8;
const mostWords = 14;
const mostSeconds = 8;
const endsSentence = /[.!?…。！？؟।][\p{Pe}\p{Pf}"']*$/u;

/** Makes sentences of committed words: a sentence ends at its mark, at a pause, or when it gets too long to wait for. */
export class Sentences {
  readonly #language: string;
  #words: TimedWord[] = [];

  constructor(language: string) {
    this.#language = language;
  }

  /** The sentences that end in a segment. */
  add({ segment, words }: Committed): string[] {
    const ended: string[] = [];
    const end = () => {
      const text = this.#text();
      this.#words = [];
      if (text !== "") ended.push(text);
    };
    // Whoever spoke before the camera was lost does not go on after it.
    if (segment.discontinuity) end();
    for (const word of words) {
      if (this.#isOver(word.start)) end();
      this.#words.push(word);
      if (endsSentence.test(word.text) || this.#isLong()) end();
    }
    if (this.#isOver(segment.end)) end();
    return ended;
  }

  /** Whether nobody has said more for so long. */
  #isOver(now: StageSeconds): boolean {
    const last = this.#words.at(-1);
    return last !== undefined && now - last.end >= pauseSeconds;
  }

  #isLong(): boolean {
    const [first, last] = [this.#words[0], this.#words.at(-1)];
    const seconds = first && last ? last.end - first.start : 0;
    return this.#words.length >= mostWords || seconds >= mostSeconds;
  }

  #text(): string {
    let text = "";
    for (const word of this.#words.map((one) => cleanText(one.text)).filter((one) => one !== ""))
      text += text === "" ? word : between(text, word, this.#language) + word;
    return text;
  }
}
