import { join } from "node:path";
import { fileFault } from "../../lib/error-cause.ts";
import { transcriptFileName } from "../../lib/transcript-files.ts";
import type { TranscriptCue } from "../../lib/transcript-vtt.ts";
import type { Cue } from "./cues.ts";
import type { StageSeconds } from "./source.ts";
import { TranscriptFiles, type TranscriptPaths } from "./transcript-writer.ts";

export interface TranscriptOptions {
  /** Made if it is missing. */
  readonly dir: string;
  readonly language: string;
  /** When the session began, in UTC: `20261130T084752Z`. */
  readonly sessionId: string;
  /** The stage time at which the session began; below 0 if the service was restarted within it. 0 by default. */
  readonly sessionStart?: StageSeconds;
  /** Gets a line for the operator when writing fails, and when it works again. */
  readonly say: (line: string) => void;
}

/** A track's transcript while it grows. */
export interface OpenTranscript {
  /** Appends the cues that it does not have yet. Resolves when it has tried to write them. Never rejects. */
  add(cues: readonly Cue[]): Promise<void>;
  /** Ends the files. Never rejects. */
  close(): Promise<void>;
}

const retryMs = 5000;
const mostWaitingCues = 20_000;

/**
 * A session's transcript in one language: `<dir>/<sessionId>-<language>.vtt`, `.srt` and `.txt`, which only grow. They are made with the
 * first cue. A killed writer loses no whole cue: when the session is opened again, the half of one is cut off, and the other two
 * files are made to say what the WebVTT says. They are synced to the disk every 5 s. If the disk is full, cues wait in memory.
 */
export function openTranscript(options: TranscriptOptions): OpenTranscript {
  const writer = new Writer(options);
  return { add: (cues) => writer.add(cues), close: () => writer.close() };
}

class Writer {
  readonly #options: TranscriptOptions;
  readonly #timer: NodeJS.Timeout;
  #files: TranscriptFiles | undefined;
  #waiting: TranscriptCue[] = [];
  /** The cues of the call before: a cue that spans segments comes again at once, or never. */
  #known = new Set<string>();
  #work: Promise<void> = Promise.resolve();
  #fault = "";
  #lost = 0;
  #isClosed = false;

  constructor(options: TranscriptOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#next(() => this.#write(true)), retryMs);
    this.#timer.unref();
  }

  add(cues: readonly Cue[]): Promise<void> {
    const { sessionStart = 0 } = this.#options;
    if (!this.#isClosed)
      for (const { id, start, end, lines } of cues) {
        if (this.#known.has(id)) continue;
        if (this.#waiting.length < mostWaitingCues)
          this.#waiting.push({ start: start - sessionStart, end: end - sessionStart, lines });
        else this.#lose();
      }
    this.#known = new Set(cues.map(({ id }) => id));
    return this.#next(() => this.#write(false));
  }

  close(): Promise<void> {
    if (this.#isClosed) return this.#work;
    this.#isClosed = true;
    clearInterval(this.#timer);
    return this.#next(async () => {
      this.#files?.end();
      await this.#write(true);
      await this.#files?.close().catch(() => {});
      this.#files = undefined;
    });
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work);
    return this.#work;
  }

  async #write(sync: boolean): Promise<void> {
    if (!this.#files && this.#waiting.length === 0) return;
    try {
      this.#files ??= await TranscriptFiles.open(this.#paths(), this.#options.language);
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const cue of waiting) if (!this.#files.add(cue)) this.#lose();
      await this.#files.write();
      if (sync) await this.#files.sync();
      this.#works();
    } catch (error) {
      this.#fails(error);
    }
  }

  #paths(): TranscriptPaths {
    const { dir, sessionId, language } = this.#options;
    const path = (format: "vtt" | "srt" | "txt") => join(dir, transcriptFileName(sessionId, language, format));
    return { vtt: path("vtt"), srt: path("srt"), txt: path("txt") };
  }

  #works(): void {
    const { language, say } = this.#options;
    if (this.#fault !== "") say(`the transcript of ${language} is written again`);
    this.#fault = "";
  }

  #fails(error: unknown): void {
    const { dir, language, say } = this.#options;
    const fault = fileFault(error);
    if (fault !== this.#fault)
      say(
        `the transcript of ${language} cannot be written in ${dir} (${fault}); its cues wait in memory, captions go on`,
      );
    this.#fault = fault;
  }

  /** Said once: a transcript that lacks a cue may lack many. */
  #lose(): void {
    const { language, say } = this.#options;
    if (this.#lost++ === 0)
      say(`the transcript of ${language} is too long for its file or for memory; it lacks cues from now on`);
  }
}
