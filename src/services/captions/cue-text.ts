/** What a text is on a screen: without hostile characters, how wide, in which direction, and whether its script puts spaces between words. */

const spacelessScripts = String.raw`\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}`;
const spaceless = new RegExp(`[${spacelessScripts}\u3000-\u303F\uFF01-\uFF60]`, "u");
const spacelessLanguages = new Set(["zh", "yue", "ja", "th", "lo", "km", "my"]);
const rightToLeftScripts = new Set(["Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Samr", "Mand"]);
// East Asian Width W and F, and emoji.
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]|[\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;
const narrowOnly = /^[\x20-\x7E]*$/;
const invisible = /^[\p{Cf}\p{Z}\p{Cc}\p{M}]*$/u;

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/**
 * One line of a text, without control characters, overrides of direction and halves of characters. Joiners and direction marks stay,
 * because Persian, Indic scripts and emoji are written with them. Empty if nothing of it can be seen.
 */
export function cleanText(text: string): string {
  const clean = text
    .replace(/\p{Cs}/gu, "\uFFFD")
    .replace(/[\u202A-\u202E\u2066-\u2069\uFEFF]/g, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  return invisible.test(clean) ? "" : clean;
}

/** What a reader sees as one character each. */
export const lettersOf = (text: string): string[] => Array.from(graphemes.segment(text), ({ segment }) => segment);

/** Columns on a screen: a wide character takes two, a mark that is written over a letter none. */
export function columnsOf(text: string): number {
  if (narrowOnly.test(text)) return text.length;
  return lettersOf(text).reduce((sum, letter) => sum + letterColumns(letter), 0);
}

/** Marks are no wider than their letter; but a heap of them is, so that no text is endless: every four take at least one column. */
export function letterColumns(letter: string): number {
  const count = letter.length < 2 ? 1 : Array.from(letter).length;
  if (count === 1 && /\p{Cf}/u.test(letter)) return 0.25;
  return Math.max(wide.test(letter) ? 2 : 1, Math.ceil(count / 4));
}

/** Whether the text has letters of a script that puts no spaces between words. */
export const isSpaceless = (text: string): boolean => spaceless.test(text);

/** What stands between two words of a track. */
export function between(left: string, right: string, language: string): "" | " " {
  const isLeft = spaceless.test(lastOf(left));
  const isRight = spaceless.test(firstOf(right));
  const isJoined = spacelessLanguages.has(baseOf(language)) ? isLeft || isRight : isLeft && isRight;
  return isJoined ? "" : " ";
}

/** Whether the language's words stand without spaces. */
export const isSpacelessLanguage = (language: string): boolean => spacelessLanguages.has(baseOf(language));

/** The language without region and script: `pt` of `pt-BR`. */
export const baseOf = (language: string): string => language.split("-", 1)[0] ?? language;

/** Whether the language is written from right to left. False for a language that nobody knows. */
export function isRightToLeft(language: string): boolean {
  try {
    return rightToLeftScripts.has(new Intl.Locale(language).maximize().script ?? "");
  } catch {
    return false;
  }
}

const rightToLeftLetter = /[\p{sc=Arab}\p{sc=Hebr}\p{sc=Syrc}\p{sc=Thaa}\p{sc=Nkoo}\p{sc=Adlm}]/u;
const leftToRightLetter = new RegExp(`(?!${rightToLeftLetter.source})\\p{L}`, "u");

/**
 * The line as players draw it in the language's direction. WebVTT takes a line's direction from its first letter, so an Arabic line
 * that begins with a Latin name would be drawn the wrong way round: such a line gets a mark of direction, no other one does.
 */
export function withDirection(line: string, rightToLeft: boolean): string {
  const other = line.search(rightToLeft ? leftToRightLetter : rightToLeftLetter);
  if (other < 0) return line;
  const own = line.search(rightToLeft ? rightToLeftLetter : leftToRightLetter);
  if (own >= 0 && own < other) return line;
  return `${rightToLeft ? "\u200F" : "\u200E"}${line}`;
}

// Two code units are enough for one character.
const firstOf = (text: string): string => text.slice(0, 2).match(/^./su)?.[0] ?? "";
const lastOf = (text: string): string => text.slice(-2).match(/.$/su)?.[0] ?? "";
