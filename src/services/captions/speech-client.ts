import { WebSocket } from "ws";
import { reasonOf } from "../../lib/error-cause.ts";
import { readPlace } from "../../lib/listen.ts";
import { monotonicMs } from "../../lib/monotonic.ts";
import { type HeardWord, HeardWords } from "./heard-words.ts";
import { ServerClock, SoundQueue } from "./sound-queue.ts";
import { readAnswer } from "./speech-answer.ts";

export interface SpeechClientOptions {
  /** host:port or unix:<path> of a server of Vosk's websocket protocol, which answers each piece of sound with one message. */
  readonly address: string;
  /** For the log. */
  readonly language: string;
  /** Words that the engine should favour, if it can. */
  readonly favour: readonly string[];
  /** Gets a line for the operator when a fault begins, and when it is over. */
  readonly say: (line: string) => void;
}

/** What has passed between this client and its server, for an operator. */
export interface SpeechFigures {
  /** Sound that no server has answered yet. */
  readonly lagSeconds: number;
  /** Sound that no server has heard: it was gone, or too slow. */
  readonly droppedSeconds: number;
  /** The server's working time for a second of sound; undefined before the first answer. */
  readonly realTimeFactor: number | undefined;
  readonly reconnects: number;
  /** Answers that are none, or with times that cannot be. */
  readonly strangeAnswers: number;
}

/**
 * A connection to a speech server that mends itself. Sample 0 is the first one sent; the count goes on over reconnects. Whatever the
 * server does, memory is bounded and nothing here throws.
 */
export interface SpeechClient {
  /** Sound: 16 kHz, mono, signed 16 bit, little-endian. */
  send(pcm: Buffer): void;
  /** Nothing before this sample changes any more, or comes. */
  heard(): { readonly settledSample: number };
  /** Takes the words that begin before a sample and that nobody has taken: in order, final from now on. */
  takeWords(untilSample: number): readonly HeardWord[];
  readonly isReady: boolean;
  /** Undefined while it is ready. */
  readonly fault: string | undefined;
  readonly figures: SpeechFigures;
  stop(): void;
}

const rate = 16_000;
// Two seconds of sound. The rest waits here, where it can be dropped if the server is too slow.
const mostSentPieces = 8;
const mostLagSamples = 10 * rate;
// A server that is back must be found within a few seconds.
const pausesMs = [250, 500, 1000, 2000, 3000];
const connectWithinMs = 3000;
const answerWithinMs = 8000;
const pingEveryMs = 2500;
const pongWithinMs = 5000;
const tickMs = 250;
// After so long without a fault the next one is a new one.
const healthyMs = 10_000;
const mostMessageBytes = 256 * 1024;
// Messages in ten seconds that answer no piece of sound. Some servers also greet, or tell their state.
const mostSurplus = 200;
const surplusMs = 10_000;

/** One connection's state. */
interface Line {
  readonly socket: WebSocket;
  readonly clock: ServerClock;
  /** When the server last said anything, or was asked after a silence. */
  heardMs: number;
  pingedMs: number;
  isPinged: boolean;
  isReady: boolean;
  /** When the server began to work on the oldest unanswered piece. */
  workingMs: number;
  surplus: number;
  surplusFromMs: number;
}

/** Connects, and reconnects until it is stopped. Returns at once. */
export function startSpeechClient(options: SpeechClientOptions): SpeechClient {
  return new VoskClient(options);
}

class VoskClient implements SpeechClient {
  readonly #options: SpeechClientOptions;
  readonly #queue = new SoundQueue();
  readonly #words = new HeardWords();
  readonly #ticking: NodeJS.Timeout;
  #line: Line | undefined;
  #fault: string | undefined = "it is not connected yet";
  /** Whether the operator knows of the present fault. */
  #isSaid = false;
  #readyMs = 0;
  /** When sound was last dropped because the server is too slow; undefined while it keeps up. */
  #slowMs: number | undefined;
  #attempts = 0;
  #nextAttemptMs = 0;
  #workedMs = 0;
  #workedSamples = 0;
  #reconnects = 0;
  #strange = 0;

  constructor(options: SpeechClientOptions) {
    this.#options = options;
    this.#ticking = setInterval(() => this.#tick(), tickMs);
    this.#connect();
  }

  get isReady(): boolean {
    return this.#line?.isReady === true;
  }

  get fault(): string | undefined {
    return this.isReady ? undefined : this.#fault;
  }

  get figures(): SpeechFigures {
    return {
      lagSeconds: this.#queue.lagSamples / rate,
      droppedSeconds: this.#queue.droppedSamples / rate,
      realTimeFactor: this.#workedSamples === 0 ? undefined : (this.#workedMs * rate) / 1000 / this.#workedSamples,
      reconnects: this.#reconnects,
      strangeAnswers: this.#strange + this.#words.strangeTimes,
    };
  }

  send(pcm: Buffer): void {
    const before = this.#queue.droppedSamples;
    // One piece may be longer than the bound, such as a long segment.
    this.#queue.add(pcm, Math.max(mostLagSamples, Math.ceil(pcm.length / 2)));
    if (this.#queue.droppedSamples > before && this.isReady) this.#lags();
    this.#pump();
  }

  heard(): { readonly settledSample: number } {
    const { settledSample } = this.#words;
    return { settledSample: this.isReady ? settledSample : Math.max(settledSample, this.#queue.fromSample) };
  }

  takeWords(untilSample: number): readonly HeardWord[] {
    return this.#words.take(untilSample);
  }

  stop(): void {
    clearInterval(this.#ticking);
    const line = this.#line;
    this.#line = undefined;
    line?.socket.terminate();
  }

  #connect(): void {
    const nowMs = monotonicMs();
    this.#attempts += 1;
    const limits = { maxPayload: mostMessageBytes, handshakeTimeout: connectWithinMs, perMessageDeflate: false };
    try {
      const socket = new WebSocket(urlOf(this.#options.address), { ...limits, followRedirects: false });
      const line: Line = {
        ...{ socket, clock: new ServerClock(), heardMs: nowMs, pingedMs: nowMs, isPinged: false, isReady: false },
        ...{ workingMs: nowMs, surplus: 0, surplusFromMs: nowMs },
      };
      this.#line = line;
      socket.on("open", () => this.#opened(line));
      socket.on("pong", () => this.#ponged(line));
      socket.on("message", (data: Buffer, isBinary) => this.#answered(line, data, isBinary));
      socket.on("error", (error) => this.#lose(line, reasonOf(error)));
      socket.on("close", (code) => this.#lose(line, `it closed the connection (${code})`));
    } catch (error) {
      this.#fails(reasonOf(error));
    }
  }

  #opened(line: Line): void {
    if (line !== this.#line) return;
    // `favour` is not Vosk's `phrase_list`: that would make the engine deaf to all other words.
    const config = { sample_rate: rate, words: true, partial_words: true, favour: this.#options.favour };
    this.#write(line, JSON.stringify({ config }));
    this.#ping(line);
  }

  #ping(line: Line): void {
    line.pingedMs = monotonicMs();
    line.isPinged = true;
    if (line.socket.readyState === WebSocket.OPEN) line.socket.ping("", undefined, () => {});
  }

  #ponged(line: Line): void {
    if (line !== this.#line) return;
    line.isPinged = false;
    if (line.isReady) return;
    line.isReady = true;
    line.workingMs = monotonicMs();
    line.heardMs = line.workingMs;
    this.#readyMs = line.workingMs;
    if (this.#isSaid) this.#say("is there again");
    this.#pump();
  }

  #answered(line: Line, data: Buffer, isBinary: boolean): void {
    if (line !== this.#line) return;
    const nowMs = monotonicMs();
    line.heardMs = nowMs;
    const piece = this.#queue.answered();
    if (piece) {
      this.#workedMs += nowMs - line.workingMs;
      this.#workedSamples += piece.endSample - piece.startSample;
    } else if (this.#isFlood(line, nowMs)) {
      this.#lose(line, "it floods this service with messages");
      return;
    }
    line.workingMs = nowMs;
    this.#hear(line, isBinary ? undefined : data.toString("utf8"));
    this.#pump();
  }

  #hear({ clock }: Line, text: string | undefined): void {
    const answer = text === undefined ? undefined : readAnswer(text);
    if (!answer) {
      this.#strange += 1;
      return;
    }
    const words = answer.words.map(({ text: word, start, end }) => ({
      text: word,
      start: clock.sampleAt(start),
      end: clock.sampleAt(end),
    }));
    const heardSample = this.#queue.fromSample;
    this.#words[answer.kind](words, heardSample);
    this.#words.settle(clock.sampleAt(answer.settled), heardSample);
  }

  #isFlood(line: Line, nowMs: number): boolean {
    if (nowMs - line.surplusFromMs > surplusMs) {
      line.surplus = 0;
      line.surplusFromMs = nowMs;
    }
    line.surplus += 1;
    return line.surplus > mostSurplus;
  }

  /** Sends as much as the server may have at once. */
  #pump(): void {
    const line = this.#line;
    if (!line?.isReady) return;
    for (let piece = this.#queue.next(mostSentPieces); piece; piece = this.#queue.next(mostSentPieces)) {
      if (this.#queue.unansweredPieces === 1) {
        line.workingMs = monotonicMs();
        line.heardMs = line.workingMs;
      }
      line.clock.sent(piece);
      this.#write(line, piece.pcm);
    }
  }

  #write({ socket }: Line, data: string | Buffer): void {
    // An error also closes the connection, and is handled there.
    if (socket.readyState === WebSocket.OPEN) socket.send(data, () => {});
  }

  #tick(): void {
    const nowMs = monotonicMs();
    const line = this.#line;
    if (!line) {
      if (nowMs >= this.#nextAttemptMs) this.#connect();
      return;
    }
    if (line.isReady && nowMs - this.#readyMs > healthyMs) {
      this.#isSaid = false;
      this.#attempts = 0;
    }
    if (this.#slowMs !== undefined && nowMs - this.#slowMs > healthyMs) {
      this.#slowMs = undefined;
      this.#say("keeps up again");
    }
    if (line.socket.readyState !== WebSocket.OPEN) return;
    const isBusy = this.#queue.unansweredPieces > 0;
    // A server may do its work and its pongs in turns.
    if (isBusy && nowMs - line.heardMs > answerWithinMs) this.#lose(line, "it does not answer");
    else if (!isBusy && line.isPinged && nowMs - Math.max(line.pingedMs, line.heardMs) > pongWithinMs)
      this.#lose(line, "it does not answer");
    else if (!line.isPinged && nowMs - line.pingedMs > pingEveryMs) this.#ping(line);
  }

  #lose(line: Line, reason: string): void {
    if (line !== this.#line) return;
    if (line.isReady) this.#reconnects += 1;
    line.socket.terminate();
    this.#line = undefined;
    this.#queue.again();
    this.#words.lose(this.#queue.fromSample);
    this.#fails(reason);
  }

  #fails(reason: string): void {
    const pauseMs = pausesMs[Math.min(this.#attempts, pausesMs.length) - 1] ?? 0;
    this.#nextAttemptMs = monotonicMs() + pauseMs;
    this.#fault = reason;
    if (this.#isSaid) return;
    this.#isSaid = true;
    this.#say(`has a fault: ${reason}; this service tries again every few seconds`);
  }

  #lags(): void {
    if (this.#slowMs === undefined)
      this.#say(`is too slow: more than ${mostLagSamples / rate} s of sound wait for it, so the oldest is dropped`);
    this.#slowMs = monotonicMs();
  }

  #say(words: string): void {
    const { address, language, say } = this.#options;
    say(`the speech server for ${language} at ${address} ${words}`);
  }
}

/** For `ws`: a socket's path stands before a colon. */
function urlOf(address: string): string {
  const place = readPlace(address);
  if (!place) throw new Error(`${address}: expected host:port or unix:<path>`);
  return "path" in place ? `ws+unix://${place.path}:/` : `ws://${address}/`;
}
