import type { Transcript, VoskWord } from "../../checks/lib/speech/vosk-client.ts";

/**
 * For each final word: how long after its end it was stable, in seconds of the stream. A word is stable when it is final, or when two
 * answers in a row have it. The engine's own working time is not in it.
 */
export function stableDelays({ words, answers }: Transcript): number[] {
  return words.map((word) => {
    const at = answers.findIndex(({ answer }, index) => {
      if (has(answer.result, word)) return true;
      return has(answer.partial_result, word) && has(answers[index - 1]?.answer.partial_result, word);
    });
    return (answers[at]?.atSeconds ?? Number.NaN) - word.end;
  });
}

// An engine moves a word a little while it hears what follows.
const slackSeconds = 0.15;

const has = (words: readonly VoskWord[] | undefined, { word, start }: VoskWord): boolean =>
  words?.some((other) => other.word === word && Math.abs(other.start - start) <= slackSeconds) ?? false;
