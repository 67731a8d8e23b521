import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { mostTranscriptBytes } from "../../lib/transcript-files.ts";
import { readWholeVtt, type TranscriptCue } from "../../lib/transcript-vtt.ts";
import { GrowingFile } from "./growing-file.ts";
import { PlainText, srtBlock, vttBlock, vttHead } from "./transcript-text.ts";

/** A restarted service hears two segments again, of at most a few seconds. */
const mostOverlapSeconds = 10;
const mostRemembered = 30;
const shortestSeconds = 0.5;
const nearSeconds = 0.5;

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
  readonly #last: TranscriptCue[] = [];

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
    for (const cue of cues.slice(-mostRemembered)) this.#remember(cue);
  }

  /**
   * Takes a cue for the next `write`, unless it is there already: a service that was restarted hears the last seconds again. Times never
   * run back: a cue that begins a little before the file's end is clipped, and the next ones have their own times again; if times begin
   * anew, they go on where the file ends. False if the transcript is too large, or too much of it waits.
   */
  add({ start, end, lines }: TranscriptCue): boolean {
    if (this.#vtt.size >= mostTranscriptBytes) return false;
    if (this.#until - start - this.#shift > mostOverlapSeconds) this.#shift = this.#until - start;
    const moved = { start: start + this.#shift, end: end + this.#shift, lines };
    if (this.#last.some((one) => isSame(one, moved))) return true;
    const from = Math.max(this.#until, moved.start);
    const cue = { start: from, end: Math.max(moved.end, from + Math.min(shortestSeconds, end - start)), lines };
    if (!this.#vtt.add(vttBlock(cue, this.#count + 1))) return false;
    this.#srt.add(srtBlock(cue, this.#count + 1));
    this.#txt.add(this.#plain.add(cue));
    this.#count += 1;
    this.#until = cue.end;
    this.#remember(moved);
    return true;
  }

  #remember(cue: TranscriptCue): void {
    this.#last.push(cue);
    if (this.#last.length > mostRemembered) this.#last.shift();
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

const isSame = (some: TranscriptCue, other: TranscriptCue): boolean =>
  Math.abs(some.start - other.start) < nearSeconds && some.lines.join(" ") === other.lines.join(" ");

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
