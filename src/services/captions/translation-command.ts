import { endProcess, type PipedProcess, startPiped } from "../../lib/child-process.ts";
import { reasonOf } from "../../lib/error-cause.ts";
import { monotonicMs } from "../../lib/monotonic.ts";
import { mostAnswerBytes, plausible, type TranslationService, translatesWithinMs } from "./translator.ts";

const pausesMs = [0, 1000, 2000, 5000, 15_000, 30_000];
const lineEnd = 0x0a;

/** Which program. Tests shorten the times. */
export interface TranslationCommandOptions {
  readonly program: string;
  readonly withinMs?: number;
  /** How long to wait before each start after a failed one. */
  readonly pausesMs?: readonly number[];
}

/** A program that reads a sentence a line and writes its translation, one line. It runs on; if it fails, it is started again. */
export function openTranslationCommand(options: TranslationCommandOptions): TranslationService {
  return new Command(options);
}

/** A running program, and what it has written. */
interface Running {
  readonly child: PipedProcess;
  pending: Buffer;
  /** Gets the next line, or the reason why none comes. */
  wanted: { resolve: (line: Buffer) => void; reject: (reason: Error) => void } | undefined;
  fault: string | undefined;
}

class Command implements TranslationService {
  readonly #program: string;
  readonly #withinMs: number;
  readonly #pausesMs: readonly number[];
  #running: Running | undefined;
  #failures = 0;
  #notBeforeMs = 0;
  #lastFault = "";

  constructor(options: TranslationCommandOptions) {
    this.#program = options.program;
    this.#withinMs = options.withinMs ?? translatesWithinMs;
    this.#pausesMs = options.pausesMs ?? pausesMs;
  }

  async translate(sentence: string): Promise<string> {
    const running = await this.#start();
    try {
      const line = await this.#ask(running, sentence);
      const text = plausible(new TextDecoder("utf-8", { fatal: true }).decode(line), sentence);
      this.#failures = 0;
      return text;
    } catch (error) {
      // What it writes next may belong to this sentence or to none.
      throw await this.#give(running, error instanceof TypeError ? "its answer is not UTF-8" : reasonOf(error));
    }
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running) await endProcess(running.child);
  }

  async #start(): Promise<Running> {
    if (this.#running && this.#running.fault === undefined) return this.#running;
    if (this.#running) await this.#give(this.#running, this.#running.fault ?? "");
    if (monotonicMs() < this.#notBeforeMs) throw new Error(this.#lastFault);
    try {
      const child = await startPiped(this.#program, [], { env: { PATH: process.env.PATH ?? "", LANG: "C.UTF-8" } });
      this.#running = this.#watched(child);
      return this.#running;
    } catch (error) {
      throw this.#failed(`it cannot be started: ${reasonOf(error)}`);
    }
  }

  #watched(child: PipedProcess): Running {
    const running: Running = { child, pending: Buffer.alloc(0), wanted: undefined, fault: undefined };
    const fail = (why: string) => {
      running.fault ??= why;
      running.wanted?.reject(new Error(why));
      running.wanted = undefined;
    };
    // It may repeat what was said on stage: not for the log.
    child.stderr.resume();
    child.stdin.on("error", () => {});
    child.on("error", ({ message }) => fail(message));
    child.once("close", (code, signal) => fail(`it ended with ${signal ?? `code ${code}`}`));
    child.stdout.on("data", (part: Buffer) => {
      if (!running.wanted) return fail("it writes more than one line for a sentence");
      running.pending = Buffer.concat([running.pending, part]);
      const at = running.pending.indexOf(lineEnd);
      if (running.pending.length > mostAnswerBytes) fail(`its line has more than ${mostAnswerBytes} bytes`);
      else if (at >= 0 && at < running.pending.length - 1) fail("it writes more than one line for a sentence");
      else if (at >= 0) {
        running.wanted.resolve(running.pending.subarray(0, at));
        [running.wanted, running.pending] = [undefined, Buffer.alloc(0)];
      }
    });
    return running;
  }

  async #ask(running: Running, sentence: string): Promise<Buffer> {
    let late: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        running.wanted = { resolve, reject };
        late = setTimeout(() => reject(new Error(`no answer within ${this.#withinMs / 1000} s`)), this.#withinMs);
        running.child.stdin.write(`${sentence}\n`);
      });
    } finally {
      clearTimeout(late);
    }
  }

  /** Gives a program up, and resolves to the error. */
  async #give(running: Running, why: string): Promise<Error> {
    if (this.#running === running) this.#running = undefined;
    await endProcess(running.child);
    return this.#failed(why);
  }

  #failed(why: string): Error {
    this.#failures += 1;
    this.#notBeforeMs = monotonicMs() + (this.#pausesMs[Math.min(this.#failures, this.#pausesMs.length) - 1] ?? 0);
    this.#lastFault = why;
    return new Error(why);
  }
}
