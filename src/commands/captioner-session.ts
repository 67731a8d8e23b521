import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { CliError, ExitCode } from "../lib/errors.ts";
import { monotonicMs } from "../lib/monotonic.ts";
import type { HttpClient } from "../viewer/http-client.ts";

/** A server takes no more in one request. */
const mostLines = 10;
const mostBytes = 2000;
const pausesMs = [500, 1000, 2000, 4000];
/** Later, the text belongs to no picture any more. */
const keptMs = 30_000;

const answerForm = z.object({
  accepted: z.number().optional(),
  waitingSeconds: z.number().optional(),
  live: z.boolean().optional(),
  error: z.string().optional(),
});
type Answer = z.output<typeof answerForm>;

/** What became of some lines. */
export interface LinesResult {
  readonly lines: readonly string[];
  /** Whether viewers will see them. */
  readonly shown: boolean;
  /** How long it takes until the last of them is on screen, behind the lines before. */
  readonly waitingSeconds?: number | undefined;
  /** Why they are not shown. */
  readonly reason?: string | undefined;
}

export interface CaptionerOptions {
  readonly client: HttpClient;
  /** https://host of the stage. */
  readonly url: string;
  readonly language: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** Connection lost, connection back. */
  readonly onState: (line: string) => void;
  readonly onResult: (result: LinesResult) => void;
}

/** A human captioner's connection to a stage. It sends lines in order, and mends itself. */
export class CaptionerSession {
  readonly #options: CaptionerOptions;
  readonly #address: string;
  #isLost = false;

  constructor(options: CaptionerOptions) {
    this.#options = options;
    this.#address = `${options.url.replace(/\/+$/, "")}/captions/${options.language}`;
  }

  /** Says that the captioner is there. Resolves to whether the stage is on air. Throws CliError: 69, 77, or 1 for another answer. */
  async open(): Promise<boolean> {
    const { live = false } = await this.#post([]);
    return live;
  }

  /** Says so again. Only a wrong token is an error. */
  async stayOpen(): Promise<void> {
    await this.#post([]).then(
      () => this.#found(),
      (error: unknown) => this.#lost(error),
    );
  }

  /** Sends lines, and again if the connection is lost. Throws CliError 77 if the token is no longer right. */
  async send(lines: readonly string[]): Promise<void> {
    for (const part of partsOf(lines)) await this.#sendPart(part);
  }

  async #sendPart(lines: readonly string[]): Promise<void> {
    const { onResult, signal } = this.#options;
    const until = monotonicMs() + keptMs;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const { waitingSeconds } = await this.#post(lines);
        this.#found();
        return onResult({ lines, shown: true, waitingSeconds });
      } catch (error) {
        const isFull = error instanceof TryAgain;
        if (error instanceof NotShown) return onResult({ lines, shown: false, reason: error.message });
        if (!isFull) this.#lost(error);
        const pauseMs = isFull ? error.afterMs : (pausesMs[Math.min(attempt, pausesMs.length - 1)] ?? 0);
        if (monotonicMs() + pauseMs > until)
          return onResult({ lines, shown: false, reason: `${(error as Error).message}; the text is too old now` });
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #post(lines: readonly string[]): Promise<Answer> {
    const { client, token, signal } = this.#options;
    const response = await client.fetch(this.#address, {
      ...{ method: "POST", signal, body: lines.map((line) => `${line}\n`).join("") },
      // A header holds bytes.
      headers: {
        Authorization: `Bearer ${Buffer.from(token).toString("latin1")}`,
        "Content-Type": "text/plain; charset=utf-8",
      },
    });
    const answer = answerIn(response.body);
    if (response.status === 200) return answer;
    throw this.#refused(response.status, Number(response.headers["retry-after"] ?? 1), answer.error);
  }

  #refused(status: number, retryAfterSeconds: number, says: string | undefined): Error {
    const { language } = this.#options;
    if (status === 401)
      return new CliError(
        ExitCode.refused,
        `${this.#address}: the token is wrong`,
        `compare --token-file with the stage's: on its host, sudo lectern secrets STAGE shows the file captions-token-${language}`,
      );
    if (status === 409) return new NotShown(says ?? "the stage is off air");
    if (status === 429) return new TryAgain(says ?? "too many lines", Math.min(10, retryAfterSeconds || 1) * 1000);
    if (status === 404 || status === 405)
      return new CliError(
        ExitCode.failed,
        `${this.#address}: no captioner writes ${language} on this stage`,
        "check --url and --language; the stage file must have a track of this language with source: push",
      );
    if (status >= 500)
      return new CliError(ExitCode.unreachable, `${this.#address}: status ${status}${says ? `: ${says}` : ""}`);
    return new NotShown(says ?? `status ${status}`);
  }

  /** Throws what does not pass. */
  #lost(error: unknown): void {
    const { signal, onState } = this.#options;
    if (signal.aborted) return;
    if (error instanceof NotShown || error instanceof TryAgain) return;
    if (!(error instanceof CliError) || error.exitCode !== ExitCode.unreachable) throw error;
    if (!this.#isLost) onState(`connection lost: ${error.message}; trying again`);
    this.#isLost = true;
  }

  #found(): void {
    if (this.#isLost) this.#options.onState("connected again");
    this.#isLost = false;
  }
}

/** The text will not be shown, and nothing is to be done about it. */
class NotShown extends Error {}

/** The server asks to wait. */
class TryAgain extends Error {
  readonly afterMs: number;
  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

function answerIn(body: Buffer): Answer {
  try {
    return answerForm.parse(JSON.parse(body.toString("utf8")));
  } catch {
    return {};
  }
}

/** Lines in parts that a server takes. A line that is too long is broken at spaces, if it has any. */
export function partsOf(lines: readonly string[]): string[][] {
  const parts: string[][] = [];
  let bytes = 0;
  for (const line of lines.flatMap(shortened)) {
    const more = Buffer.byteLength(line) + 1;
    const last = parts.at(-1);
    if (last && last.length < mostLines && bytes + more <= mostBytes) {
      last.push(line);
      bytes += more;
    } else {
      parts.push([line]);
      bytes = more;
    }
  }
  return parts;
}

function shortened(line: string): string[] {
  if (Buffer.byteLength(line) < mostBytes) return [line];
  const pieces: string[] = [];
  let piece = "";
  // A word, or as many letters of a longer one as surely fit.
  for (const word of line.match(/\s*\S{1,400}/gu) ?? []) {
    if (Buffer.byteLength(piece + word) >= mostBytes) {
      pieces.push(piece.trim());
      piece = "";
    }
    piece += word;
  }
  return [...pieces, piece.trim()];
}
