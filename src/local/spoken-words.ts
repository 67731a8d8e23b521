import type { SpokenSentence } from "../publish/spoken-times.ts";
import { type WordAt, wordsOf } from "./word-match.ts";

/** The words of spoken sentences, each in the middle of the time that its letters take of the sentence. */
export function spokenWords(sentences: readonly SpokenSentence[]): WordAt[] {
  return sentences.flatMap(({ text, startMs, endMs }) => {
    const words = wordsOf(text);
    // A word needs time beside its letters.
    const lengths = words.map((word) => word.length + 1);
    const whole = lengths.reduce((sum, length) => sum + length, 0);
    let before = 0;
    return words.map((word, at): WordAt => {
      const middle = before + (lengths[at] ?? 0) / 2;
      before += lengths[at] ?? 0;
      return { text: word, atMs: startMs + ((endMs - startMs) * middle) / whole };
    });
  });
}
