/** A sentence is spoken in one piece: a longer one is most likely a text without full stops. */
export const mostSentenceCharacters = 1000;

/** Why a text cannot be spoken, and where: lines and columns count from 1. */
export class SpeechFault extends Error {
  readonly line: number;
  readonly column: number;
  constructor({ line, column }: { readonly line: number; readonly column: number }, message: string) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

const plainSigns: Readonly<Record<string, string>> = {
  ...{ "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"' },
  ...{ "–": "-", "—": " - ", "…": "...", "\u00a0": " ", "\ufeff": "" },
};

/**
 * The sentences of a text, in ASCII, each on one line: accents and typographic signs become plain. A sentence may run over lines; an
 * empty line ends it. Throws SpeechFault at the first character that no English voice can speak, at a sentence that is too long, and
 * if there are no words.
 */
export function sentencesOf(bytes: Uint8Array): string[] {
  const lines = decode(bytes).split(/\r\n|\r|\n/);
  const plain = lines.map((line, index) => plainLine(line, index + 1));
  const sentences: string[] = [];
  const splitter = new Intl.Segmenter("en", { granularity: "sentence" });
  for (let first = 0; first < plain.length; first++) {
    if (plain[first]?.trim() === "") continue;
    let last = first;
    while (last + 1 < plain.length && plain[last + 1]?.trim() !== "") last += 1;
    const paragraph = plain.slice(first, last + 1).join(" ");
    for (const { segment } of splitter.segment(paragraph)) {
      const sentence = segment.replaceAll(/\s+/g, " ").trim();
      if (sentence.length > mostSentenceCharacters) {
        const fault = `a sentence of ${sentence.length} characters: expected at most ${mostSentenceCharacters}`;
        throw new SpeechFault({ line: first + 1, column: 1 }, fault);
      }
      if (/[A-Za-z0-9]/.test(sentence)) sentences.push(sentence);
    }
    first = last;
  }
  if (sentences.length === 0) throw new SpeechFault({ line: 1, column: 1 }, "there are no words");
  return sentences;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Latin-1 gives each byte a character of its own, so the place can be counted.
    const text = Buffer.from(bytes).toString("latin1");
    const at = firstNonUtf8(bytes);
    const before = text.slice(0, at).split("\n");
    const place = { line: before.length, column: (before.at(-1) ?? "").length + 1 };
    throw new SpeechFault(place, `byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")} is not UTF-8 text`);
  }
}

/** The offset of the first byte that cannot belong to UTF-8 text. */
function firstNonUtf8(bytes: Uint8Array): number {
  const lasting = new TextDecoder("utf-8", { fatal: true });
  for (let at = 0; at < bytes.length; at++)
    try {
      lasting.decode(bytes.subarray(at, at + 1), { stream: true });
    } catch {
      return at;
    }
  return Math.max(0, bytes.length - 1);
}

function plainLine(line: string, number: number): string {
  let plain = "";
  let column = 1;
  for (const character of line) {
    const easier = plainSigns[character] ?? character.normalize("NFKD").replaceAll(/\p{Mn}/gu, "");
    if (!/^[\t\x20-\x7e]*$/.test(easier)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      throw new SpeechFault({ line: number, column }, `U+${code} cannot be spoken: the voice knows English only`);
    }
    plain += easier;
    column += 1;
  }
  return plain;
}
