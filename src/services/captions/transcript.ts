import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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
  /** Tests shorten the times: between two tries to write, and for all of them after the end. */
  readonly retryMs?: number;
  readonly closesWithinMs?: number;
}

/** A track's transcript while it grows. */
export interface OpenTranscript {
  /** Appends the cues that it does not have yet. Resolves when it has tried to write them. Never rejects. */
  add(cues: readonly Cue[]): Promise<void>;
  /**
   * Ends the files. While the disk is full it tries again for a minute, or until `signal` is aborted; then it says how many cues are
   * lost. Never rejects.
   */
  close(signal?: AbortSignal): Promise<void>;
}

const retryMs = 5000;
const closesWithinMs = 60_000;
const mostWaitingCues = 20_000;
/** By folder, session and language: transcripts that are being closed. One that is opened again meanwhile waits for it. */
const closing = new Map<string, Promise<void>>();

/**
 * A session's transcript in one language: `<dir>/<sessionId>-<language>.vtt`, `.srt` and `.txt`, which only grow. They are made with the
 * first cue. A killed writer loses no whole cue: when the session is opened again, the half of one is cut off, and the other two
 * files are made to say what the WebVTT says. They are synced to the disk every 5 s. If the disk is full, cues wait in memory.
 */
export function openTranscript(options: TranscriptOptions): OpenTranscript {
  const writer = new Writer(options);
  return { add: (cues) => writer.add(cues), close: (signal) => writer.close(signal) };
}

class Writer {
  readonly #options: TranscriptOptions;
  readonly #name: string;
  readonly #timer: NodeJS.Timeout;
  #files: TranscriptFiles | undefined;
  #waiting: TranscriptCue[] = [];
  /** The cues of the call before: a cue that spans segments comes again at once, or never. */
  #known = new Set<string>();
  #work: Promise<void>;
  #fault = "";
  #lost = 0;
  #isClosed = false;
  /** Cues that are in the files' memory, and perhaps not in the files. */
  #unwritten = 0;

  constructor(options: TranscriptOptions) {
    this.#options = options;
    this.#name = [options.dir, options.sessionId, options.language].join("/");
    this.#work = closing.get(this.#name) ?? Promise.resolve();
    this.#timer = setInterval(() => this.#next(() => this.#write(true)), options.retryMs ?? retryMs);
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

  close(signal = new AbortController().signal): Promise<void> {
    if (this.#isClosed) return this.#work;
    this.#isClosed = true;
    clearInterval(this.#timer);
    const closed = this.#next(() => this.#end(signal)).finally(() => {
      if (closing.get(this.#name) === closed) closing.delete(this.#name);
    });
    closing.set(this.#name, closed);
    return closed;
  }

  async #end(signal: AbortSignal): Promise<void> {
    const { retryMs: everyMs = retryMs, closesWithinMs: withinMs = closesWithinMs, language, dir, say } = this.#options;
    this.#files?.end();
    await this.#write(true);
    for (let waitedMs = 0; this.#fault !== "" && waitedMs < withinMs && !signal.aborted; waitedMs += everyMs) {
      await sleep(everyMs, undefined, { signal }).catch(() => {});
      await this.#write(true);
    }
    const lost = this.#unwritten + this.#waiting.length;
    if (this.#fault !== "" && lost > 0)
      say(
        `the transcript of ${language} in ${dir} lacks its last ${lost} cues: they could not be written (${this.#fault})`,
      );
    await this.#files?.close().catch(() => {});
    this.#files = undefined;
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
      for (const cue of waiting)
        if (this.#files.add(cue)) this.#unwritten += 1;
        else this.#lose();
      await this.#files.write();
      this.#unwritten = 0;
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
