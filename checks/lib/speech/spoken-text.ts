import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { type PlacedSentence, type Speaker, speakInto, speechFormat, speechOf } from "../../../src/publish/speech.ts";

/** Sound of speech: signed 16 bit, little-endian, mono, 16,000 samples a second. */
export interface SpokenText {
  readonly pcm: Buffer;
  /** Times count from the start of `pcm`. */
  readonly sentences: readonly PlacedSentence[];
}

/** Speaks a text by flite, with pauses of 0.7 s, after a second of silence; by default with the voice of a speaking camera. */
export async function speak(text: string, speaker?: Speaker): Promise<SpokenText> {
  const lead = silence(1);
  const pieces: Buffer[] = [];
  const sentences: PlacedSentence[] = [];
  const sink = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece);
      done();
    },
  });
  const speech = speechOf(Buffer.from(text), { file: "the text", loop: false, speaker });
  const onPlaced = ({ startSeconds, endSeconds, ...sentence }: PlacedSentence) =>
    void sentences.push({ ...sentence, startSeconds: startSeconds + 1, endSeconds: endSeconds + 1 });
  await speakInto(sink, speech, { signal: new AbortController().signal, onPlaced });
  return { pcm: Buffer.concat([lead, ...pieces, silence(0.5)]), sentences };
}

/** Silence: zeros. */
export const silence = (seconds: number): Buffer => Buffer.alloc(2 * Math.round(seconds * speechFormat.sampleRate));

/** A text of this folder: `gettysburg` (Lincoln's address, 1863, public domain) or `lecture` (written for these tests). */
export const spokenTextFile = (name: "gettysburg" | "lecture"): string =>
  readFileSync(join(import.meta.dirname, "texts", `${name}.txt`), "utf8");
