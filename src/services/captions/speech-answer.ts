/** A word as a speech server tells it. Its times are not checked: they may be missing, or lie. */
export interface ToldWord {
  readonly text: string;
  /** Seconds of sound since the connection began. NaN if the server does not say. */
  readonly start: number;
  readonly end: number;
}

/** One answer of a speech server. */
export interface SpeechAnswer {
  /** `partial`: what it hears so far, and may change. `final`: the words up to here, which it forgets. */
  readonly kind: "partial" | "final";
  readonly words: readonly ToldWord[];
  /** Nothing before this time will change or come, in seconds as above; NaN if the server does not say. */
  readonly settled: number;
}

// A minute of the fastest speech without a final result has about 300 words.
const mostWords = 1000;
const mostLetters = 100;

/**
 * Reads an answer of Vosk's protocol. Undefined if it is none: not JSON, or JSON without words. Words are cleaned: no control
 * characters, no white space, at most 100 letters. Where the server gives a text without times, each word has times of NaN.
 */
export function readAnswer(message: string): SpeechAnswer | undefined {
  const told = parseObject(message);
  if (!told) return undefined;
  const settled = timeOf(told.settled);
  if (typeof told.text === "string") return { kind: "final", words: wordsOf(told.result, told.text), settled };
  if (typeof told.partial === "string")
    return { kind: "partial", words: wordsOf(told.partial_result, told.partial), settled };
  return undefined;
}

function parseObject(message: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function wordsOf(timed: unknown, text: string): readonly ToldWord[] {
  if (!Array.isArray(timed) || timed.length === 0)
    return wordsIn(text).map((word) => ({ text: word, start: Number.NaN, end: Number.NaN }));
  return timed.slice(0, mostWords).flatMap((one: unknown) => {
    const { word, start, end } = (typeof one === "object" && one !== null ? one : {}) as Record<string, unknown>;
    const clean = typeof word === "string" ? wordsIn(word).join(" ") : "";
    return clean === "" ? [] : [{ text: clean, start: timeOf(start), end: timeOf(end) }];
  });
}

/** At most `mostWords` words of a text, each at most `mostLetters` long. */
const wordsIn = (text: string): string[] =>
  text
    .slice(0, mostWords * mostLetters)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
    .split(/\s+/u, mostWords + 1)
    .filter(Boolean)
    .slice(0, mostWords)
    .map((word) => [...word.slice(0, 2 * mostLetters)].slice(0, mostLetters).join(""));

const timeOf = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : Number.NaN);
