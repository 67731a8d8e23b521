import type { TranscriptCue } from "../../lib/transcript-vtt.ts";
import { between } from "./cue-text.ts";
import { escapeText, vttTime } from "./vtt.ts";

/** The head of a transcript's WebVTT. */
export const vttHead = "WEBVTT\n\n";

/** A cue of a transcript's WebVTT. `number` counts from 1. */
export const vttBlock = ({ start, end, lines }: TranscriptCue, number: number): string =>
  `${number}\n${vttTime(start)} --> ${vttTime(end)}\n${lines.map(escapeText).join("\n")}\n\n`;

/** A cue as SubRip has it, which escapes nothing. */
export const srtBlock = ({ start, end, lines }: TranscriptCue, number: number): string =>
  `${number}\n${srtTime(start)} --> ${srtTime(end)}\n${lines.join("\n")}\n\n`;

const srtTime = (seconds: number): string => vttTime(seconds).replace(".", ",");

const paragraphPauseSeconds = 2;
const paragraphLetters = 300;
const longestParagraphLetters = 900;

/** Plain text: a line for each paragraph, with the time of its first word. A line ends only when the next one begins. */
export class PlainText {
  readonly #language: string;
  #last: { readonly end: number; readonly text: string; readonly letters: number } | undefined;

  constructor(language: string) {
    this.#language = language;
  }

  /** What a cue adds to the file. */
  add({ start, end, lines }: TranscriptCue): string {
    const text = lines
      .map((line) => line.replace(/^[\u200E\u200F]/, ""))
      .reduce((one, other) => one + between(one, other, this.#language) + other);
    const last = this.#last;
    const goesOn = last !== undefined && !this.#isParagraphEnd(last, start);
    this.#last = { end, text, letters: text.length + (goesOn ? last.letters : 0) };
    if (goesOn) return between(last.text, text, this.#language) + text;
    return `${last ? "\n" : ""}[${vttTime(start).slice(0, -4)}] ${text}`;
  }

  #isParagraphEnd({ end, text, letters }: { end: number; text: string; letters: number }, start: number): boolean {
    if (start - end >= paragraphPauseSeconds || letters >= longestParagraphLetters) return true;
    return letters >= paragraphLetters && /[.?!…。？！؟۔]["'»”）)]*$/.test(text);
  }
}
