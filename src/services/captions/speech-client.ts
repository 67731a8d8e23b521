import { reasonOf } from "../../lib/error-cause.ts";
import { monotonicMs } from "../../lib/monotonic.ts";
import { type HeardWord, HeardWords } from "./heard-words.ts";
import { SoundQueue } from "./sound-queue.ts";
import { readAnswer } from "./speech-answer.ts";
import { SpeechFaults } from "./speech-faults.ts";
import { SpeechLine } from "./speech-line.ts";

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
// A server that is back must be found at once: captions are to be back within 10 s, and a model takes most of them to load.
const pausesMs = [250, 500, 1000];
const tickMs = 250;

/** Connects, and reconnects until it is stopped. Returns at once. */
export function startSpeechClient(options: SpeechClientOptions): SpeechClient {
  return new VoskClient(options);
}

class VoskClient implements SpeechClient {
  readonly #options: SpeechClientOptions;
  readonly #queue = new SoundQueue();
  readonly #words = new HeardWords();
  readonly #faults: SpeechFaults;
  readonly #ticking: NodeJS.Timeout;
  #line: SpeechLine | undefined;
  #fault: string | undefined = "it is not connected yet";
  #readyMs = 0;
  #attempts = 0;
  #nextAttemptMs = 0;
  #workedMs = 0;
  #workedSamples = 0;
  #reconnects = 0;
  #strange = 0;

  constructor(options: SpeechClientOptions) {
    this.#options = options;
    const { address, language, say } = options;
    this.#faults = new SpeechFaults((words) => say(`the speech server for ${language} at ${address} ${words}`));
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
    if (this.#queue.droppedSamples > before && this.isReady) this.#faults.lags(mostLagSamples / rate);
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
    this.#line?.end();
    this.#line = undefined;
  }

  #connect(): void {
    this.#attempts += 1;
    const { address, favour } = this.#options;
    // `favour` is not Vosk's `phrase_list`: that would make the engine deaf to all other words.
    const config = { sample_rate: rate, words: true, partial_words: true, favour };
    try {
      const line: SpeechLine = new SpeechLine(address, config, {
        onReady: () => this.#begins(),
        onMessage: (text) => this.#answered(line, text),
        onLost: (reason, wasReady) => this.#lost(reason, wasReady),
      });
      this.#line = line;
    } catch (error) {
      this.#fails(reasonOf(error));
    }
  }

  #begins(): void {
    this.#readyMs = monotonicMs();
    this.#faults.isBack();
    this.#pump();
  }

  #answered(line: SpeechLine, text: string | undefined): void {
    const piece = this.#queue.answered();
    if (!piece && !line.countSurplus()) return;
    const workedMs = line.answered();
    if (piece) {
      this.#workedMs += workedMs;
      this.#workedSamples += piece.endSample - piece.startSample;
    }
    this.#hear(line, text);
    this.#pump();
  }

  #hear(line: SpeechLine, text: string | undefined): void {
    const answer = text === undefined ? undefined : readAnswer(text);
    if (!answer) {
      this.#strange += 1;
      return;
    }
    const { clock } = line;
    const words = answer.words.map(({ text: word, start, end }) => ({
      text: word,
      start: clock.sampleAt(start),
      end: clock.sampleAt(end),
    }));
    const heardSample = this.#queue.fromSample;
    this.#words[answer.kind](words, heardSample);
    this.#words.settle(clock.sampleAt(answer.settled), heardSample);
    // The captions of each segment take all words up to its end: so many are left only of a server that makes words up.
    if (this.#words.takeLost() > 0) line.lose("it says more words than anybody can speak");
  }

  /** Sends as much as the server may have at once. */
  #pump(): void {
    const line = this.#line;
    if (!line?.isReady) return;
    for (let piece = this.#queue.next(mostSentPieces); piece; piece = this.#queue.next(mostSentPieces))
      line.send(piece, this.#queue.unansweredPieces === 1);
  }

  #tick(): void {
    if (this.#faults.look(this.isReady ? this.#readyMs : undefined)) this.#attempts = 0;
    if (this.#line) this.#line.tick(this.#queue.unansweredPieces > 0);
    else if (monotonicMs() >= this.#nextAttemptMs) this.#connect();
  }

  #lost(reason: string, wasReady: boolean): void {
    if (wasReady) this.#reconnects += 1;
    this.#line = undefined;
    this.#queue.again();
    this.#words.lose(this.#queue.fromSample);
    this.#fails(reason);
  }

  #fails(reason: string): void {
    const pauseMs = pausesMs[Math.min(this.#attempts, pausesMs.length) - 1] ?? 0;
    this.#nextAttemptMs = monotonicMs() + pauseMs;
    this.#fault = reason;
    this.#faults.lost(reason);
  }
}
