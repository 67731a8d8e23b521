import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Place } from "../../lib/listen.ts";
import { monotonicMs } from "../../lib/monotonic.ts";

const retryMs = { first: 500, longest: 5000 } as const;
/** Sound that waits longer for the captions service would be taken for what is said now, and stand beside a wrong picture. */
const mostWaitingMs = 1000;
const mostWaitingBytes = 64 * 1024;
const mostAnswerBytes = 1000;
const answersWithinMs = 10_000;

/** Where an interpreter's sound goes, and how. */
export interface SoundSenderOptions {
  /** The captions service. */
  readonly place: Place;
  readonly language: string;
  /** Called when the captions service begins to fail, once, until sound has flowed again. */
  readonly onFault: (why: string) => void;
  /** Called when sound flows again after a fault. */
  readonly onFlow: () => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/**
 * Streams an interpreter's sound to the captions service: one HTTP request with a body that grows. While the service is away it
 * tries again, and the sound is dropped and counted. Nothing here makes its caller wait.
 */
export class SoundSender {
  readonly #options: SoundSenderOptions;
  readonly #now: () => number;
  readonly #waiting: { readonly frame: Buffer; readonly atMs: number }[] = [];
  #waitingBytes = 0;
  #droppedFrames = 0;
  #request: ClientRequest | undefined;
  #isFull = false;
  #hasFault = false;
  #delayMs: number = retryMs.first;
  #retry: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(options: SoundSenderOptions) {
    this.#options = options;
    this.#now = options.now ?? monotonicMs;
    this.#connect();
  }

  /** Whether the captions service takes the sound. */
  get isFlowing(): boolean {
    return this.#request?.socket?.readyState === "open" && !this.#hasFault;
  }

  /** Frames that the captions service did not get in time. */
  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  /** Sends a frame of ADTS, soon or never. */
  send(frame: Buffer): void {
    this.#waiting.push({ frame, atMs: this.#now() });
    this.#waitingBytes += frame.length;
    this.#dropOld();
    this.#flush();
  }

  /** The interpreter has gone. */
  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#retry);
    const last = this.#request;
    this.#request = undefined;
    last?.end();
    // A service that does not end its response must not hold the connection.
    last?.setTimeout(answersWithinMs, () => last.destroy());
  }

  #connect(): void {
    const { place, language } = this.#options;
    const to = "path" in place ? { socketPath: place.path } : place;
    const sending = request({
      ...to,
      ...{ method: "POST", path: `/inputs/${language}`, agent: false },
      headers: { "Content-Type": "audio/aac", "Transfer-Encoding": "chunked" },
    });
    this.#request = sending;
    this.#isFull = false;
    let words: string | undefined;
    sending.once(
      "response",
      (response) =>
        void readAnswer(response).then((text) => {
          words = text;
          sending.destroy();
        }),
    );
    // Errors are followed by `close`.
    sending.on("error", (error) => {
      words ??= error.message;
    });
    sending.once("close", () => this.#lost(sending, words ?? "it closed the connection"));
    sending.on("drain", () => {
      this.#isFull = false;
      this.#flush();
    });
    const stands = () => {
      this.#flush();
      this.#watchFlow(sending);
    };
    sending.once("socket", (socket) => {
      if (socket.connecting) socket.once("connect", stands);
      else stands();
    });
    sending.flushHeaders();
  }

  #dropOld(): void {
    const oldestMs = this.#now() - mostWaitingMs;
    for (let oldest = this.#waiting[0]; oldest; oldest = this.#waiting[0]) {
      if (oldest.atMs >= oldestMs && this.#waitingBytes <= mostWaitingBytes) return;
      this.#waiting.shift();
      this.#waitingBytes -= oldest.frame.length;
      this.#droppedFrames += 1;
    }
  }

  #flush(): void {
    const sending = this.#request;
    // Before the connection stands, Node would keep everything.
    if (!sending?.socket || sending.socket.connecting || sending.destroyed) return;
    this.#dropOld();
    while (!this.#isFull) {
      const frame = this.#waiting.shift()?.frame;
      if (!frame) return;
      this.#waitingBytes -= frame.length;
      this.#isFull = !sending.write(frame);
    }
  }

  #lost(sending: ClientRequest, why: string): void {
    if (this.#isEnded || this.#request !== sending) return;
    this.#request = undefined;
    if (!this.#hasFault) this.#options.onFault(why);
    this.#hasFault = true;
    this.#retry = setTimeout(() => this.#connect(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, retryMs.longest);
  }

  /** After a fault, a connection counts only when it has stood for a while: a service may accept and refuse. */
  #watchFlow(sending: ClientRequest): void {
    if (!this.#hasFault) return;
    setTimeout(() => {
      if (this.#isEnded || this.#request !== sending || sending.socket?.readyState !== "open") return;
      this.#hasFault = false;
      this.#delayMs = retryMs.first;
      this.#options.onFlow();
    }, retryMs.first).unref();
  }
}

/** What the service says about a request that it ends, as one line. */
async function readAnswer(response: IncomingMessage): Promise<string> {
  let text = "";
  try {
    for await (const part of response.setEncoding("utf8")) {
      text += part;
      if (text.length > mostAnswerBytes) break;
    }
  } catch {
    // The status says enough.
  }
  const says = text.slice(0, mostAnswerBytes).replace(/\s+/g, " ").trim();
  return `status ${response.statusCode}${says === "" ? "" : `: ${says}`}`;
}
