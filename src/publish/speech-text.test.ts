import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mostSentenceCharacters, SpeechFault, sentencesOf } from "./speech-text.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("the sentences of a text", () => {
  it.each([
    ["end at full stops, question and exclamation marks", "One two. Three? Four!", ["One two.", "Three?", "Four!"]],
    ["run over lines", "One\ntwo\r\nthree. Four", ["One two three.", "Four"]],
    ["end at an empty line", "A title\n\nThe text.", ["A title", "The text."]],
    ["are ASCII", "“Café”—it’s naïve…", ['"Cafe" - it\'s naive...']],
    ["have words: others are left out", "***\n\nOne.\n\n---", ["One."]],
    ["may start like an option", "-o /etc/passwd is no option.", ["-o /etc/passwd is no option."]],
  ])("%s", (_, text, sentences) => expect(sentencesOf(bytesOf(text))).toEqual(sentences));

  it.each<[string, Uint8Array, number, number, string]>([
    ["a control character", bytesOf("One.\nTwo \u0007 three"), 2, 5, "U+0007"],
    ["a NUL byte", bytesOf("a\0"), 1, 2, "U+0000"],
    ["a letter of another script", bytesOf("One.\n\nПривет"), 3, 1, "English only"],
    ["a byte that is not UTF-8", Buffer.from([0x61, 0x0a, 0x62, 0xff, 0x63]), 2, 2, "byte 0xff"],
    ["a sentence without an end", bytesOf(`One.\n\n${"word ".repeat(mostSentenceCharacters / 4)}`), 3, 1, "at most"],
    ["an empty file", bytesOf(""), 1, 1, "no words"],
    ["a text of signs", bytesOf("*** ---"), 1, 1, "no words"],
  ])("refuses %s, with its place", (_, bytes, line, column, says) => {
    try {
      sentencesOf(bytes);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(SpeechFault);
      expect(error).toMatchObject({ line, column, message: expect.stringContaining(says) });
    }
  });

  it("are speakable, whatever the file holds", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: "grapheme" }).map(bytesOf)), (bytes) => {
        try {
          for (const sentence of sentencesOf(bytes)) {
            expect(sentence).toMatch(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/);
            expect(sentence.length).toBeLessThanOrEqual(mostSentenceCharacters);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(SpeechFault);
        }
      }),
    );
  });

  it("keep every word of a plain text", () => {
    const word = fc.stringMatching(/^[a-z]{1,8}[.,?]?$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
        expect(sentencesOf(bytesOf(words.join(" "))).join(" ")).toBe(words.join(" "));
      }),
    );
  });
});
