import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { mostTranscriptBytes } from "../../lib/transcript-files.ts";
import { readWholeVtt, type TranscriptCue } from "../../lib/transcript-vtt.ts";
import { GrowingFile } from "./growing-file.ts";
import { PlainText, srtBlock, vttBlock, vttHead } from "./transcript-text.ts";

/** Where a transcript's three files are. */
export interface TranscriptPaths {
  readonly vtt: string;
  readonly srt: string;
  readonly txt: string;
}

/**
 * A transcript's open files. The WebVTT counts: if they are there already, the half of a cue that a killed writer left is cut off it,
 * and the other two are changed where they say something else.
 */
export class TranscriptFiles {
  readonly #vtt: GrowingFile;
  readonly #srt: GrowingFile;
  readonly #txt: GrowingFile;
  readonly #plain: PlainText;
  #count = 0;
  #until = 0;
  #shift = 0;

  private constructor([vtt, srt, txt]: readonly [GrowingFile, GrowingFile, GrowingFile], language: string) {
    [this.#vtt, this.#srt, this.#txt] = [vtt, srt, txt];
    this.#plain = new PlainText(language);
  }

  /** Opens the files, and makes them and their folder if they are missing. Rejects with the system's error. */
  static async open({ vtt, srt, txt }: TranscriptPaths, language: string): Promise<TranscriptFiles> {
    await mkdir(dirname(vtt), { recursive: true, mode: 0o750 });
    const opened: GrowingFile[] = [];
    try {
      for (const path of [vtt, srt, txt]) opened.push(await GrowingFile.open(path));
      const files = new TranscriptFiles(opened as [GrowingFile, GrowingFile, GrowingFile], language);
      await files.#goOn();
      return files;
    } catch (error) {
      for (const file of opened) await file.close().catch(() => {});
      throw error;
    }
  }

  async #goOn(): Promise<void> {
    const { cues, bytes } = readWholeVtt(await this.#vtt.read(mostTranscriptBytes));
    if (bytes < this.#vtt.size) await this.#vtt.cutTo(bytes);
    if (bytes === 0) this.#vtt.add(vttHead);
    await makeSay(this.#srt, cues.map((cue, at) => srtBlock(cue, at + 1)).join(""));
    await makeSay(this.#txt, cues.map((cue) => this.#plain.add(cue)).join(""));
    this.#count = cues.length;
    this.#until = cues.at(-1)?.end ?? 0;
  }

  /**
   * Takes a cue for the next `write`. Times never run back: after a restart that lost the session's start, they go on where the file
   * ends. False if the transcript is too large, or too much of it waits.
   */
  add({ start, end, lines }: TranscriptCue): boolean {
    if (this.#vtt.size >= mostTranscriptBytes) return false;
    this.#shift = Math.max(this.#shift, this.#until - start);
    const cue = { start: start + this.#shift, end: end + this.#shift, lines };
    if (!this.#vtt.add(vttBlock(cue, this.#count + 1))) return false;
    this.#srt.add(srtBlock(cue, this.#count + 1));
    this.#txt.add(this.#plain.add(cue));
    this.#count += 1;
    this.#until = cue.end;
    return true;
  }

  /** Ends the plain text's last line. */
  end(): void {
    if (this.#count > 0) this.#txt.add("\n");
  }

  /** Writes what waits in any of them. Rejects with the first error; what could not be written waits on. */
  async write(): Promise<void> {
    const results = await Promise.allSettled(this.#all.map((file) => file.write()));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** Waits until all is on the disk. */
  async sync(): Promise<void> {
    for (const file of this.#all) await file.sync();
  }

  async close(): Promise<void> {
    for (const file of this.#all) await file.close();
  }

  get #all(): readonly GrowingFile[] {
    return [this.#vtt, this.#srt, this.#txt];
  }
}

/** Makes a file say a text, and leaves what is right already. */
async function makeSay(file: GrowingFile, text: string): Promise<void> {
  const wanted = Buffer.from(text);
  const present = await file.read(mostTranscriptBytes);
  const length = Math.min(wanted.length, present.length);
  let same = 0;
  while (same < length && wanted[same] === present[same]) same++;
  // In the middle of a character: its first bytes again.
  while (same > 0 && (wanted[same]! & 0xc0) === 0x80) same--;
  if (same < file.size) await file.cutTo(same);
  file.add(wanted.toString("utf8", same));
}
