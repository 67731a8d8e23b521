import { WebSocket } from "ws";
import { reasonOf } from "../../lib/error-cause.ts";
import { readPlace } from "../../lib/listen.ts";
import { monotonicMs } from "../../lib/monotonic.ts";
import { ServerClock, type SoundPiece } from "./sound-queue.ts";

const connectWithinMs = 3000;
const answerWithinMs = 8000;
const pingEveryMs = 2500;
const pongWithinMs = 5000;
// Half a minute of sound that a server has answered, and not read.
const mostBufferedBytes = 1_000_000;
const mostMessageBytes = 256 * 1024;
// Messages in ten seconds that answer no piece of sound. Some servers also greet, or tell their state.
const mostSurplus = 200;
const surplusMs = 10_000;
const limits = { maxPayload: mostMessageBytes, handshakeTimeout: connectWithinMs, perMessageDeflate: false } as const;

/** What happens to a connection. None of it after it is lost or ended. */
export interface SpeechLineEvents {
  /** The server takes sound from now on. */
  readonly onReady: () => void;
  /** A message of the server; undefined if it is binary. */
  readonly onMessage: (text: string | undefined) => void;
  readonly onLost: (reason: string, wasReady: boolean) => void;
}

/** One connection to a speech server, which is given up when the server hangs or floods. */
export class SpeechLine {
  /** Of the sound that was sent on this connection. */
  readonly clock = new ServerClock();
  readonly #socket: WebSocket;
  readonly #events: SpeechLineEvents;
  #isReady = false;
  #isOver = false;
  /** When the server last said anything, or was asked after a silence. */
  #heardMs = monotonicMs();
  #pingedMs = this.#heardMs;
  #isPinged = false;
  /** When the server began to work on the oldest unanswered piece. */
  #workingMs = this.#heardMs;
  #surplus = 0;
  #surplusFromMs = this.#heardMs;

  /** Connects. Throws if the address is none. `config`: the connection's first message. */
  constructor(address: string, config: unknown, events: SpeechLineEvents) {
    this.#events = events;
    this.#socket = new WebSocket(urlOf(address), { ...limits, followRedirects: false });
    this.#socket.on("open", () => {
      this.#write(JSON.stringify({ config }));
      this.#ping();
    });
    this.#socket.on("pong", () => this.#ponged());
    this.#socket.on("ping", () => this.countSurplus());
    this.#socket.on("message", (data: Buffer, isBinary) => this.#told(isBinary ? undefined : data.toString("utf8")));
    this.#socket.on("error", (error) => this.lose(reasonOf(error)));
    this.#socket.on("close", (code) => this.lose(`it closed the connection (${code})`));
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isOver;
  }

  /** Sends sound. `isFirst`: the server has answered all that it got before. */
  send(piece: SoundPiece, isFirst: boolean): void {
    if (isFirst) {
      this.#workingMs = monotonicMs();
      this.#heardMs = this.#workingMs;
    }
    this.clock.sent(piece);
    this.#write(piece.pcm);
  }

  /** The server has answered a piece: how long it has worked on it, in ms. */
  answered(): number {
    const fromMs = this.#workingMs;
    this.#workingMs = monotonicMs();
    return this.#workingMs - fromMs;
  }

  /** Counts what answers no sound. False if that is too much, and the connection is lost. */
  countSurplus(): boolean {
    const nowMs = monotonicMs();
    if (nowMs - this.#surplusFromMs > surplusMs) {
      this.#surplus = 0;
      this.#surplusFromMs = nowMs;
    }
    this.#surplus += 1;
    if (this.#surplus <= mostSurplus) return true;
    this.lose("it floods this service with messages");
    return false;
  }

  /** To be called some times a second. `isBusy`: the server has sound to answer. */
  tick(isBusy: boolean): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const nowMs = monotonicMs();
    // A server may do its work and its pongs in turns.
    const isSilent = isBusy
      ? nowMs - this.#heardMs > answerWithinMs
      : this.#isPinged && nowMs - Math.max(this.#pingedMs, this.#heardMs) > pongWithinMs;
    if (isSilent) this.lose("it does not answer");
    else if (this.#socket.bufferedAmount > mostBufferedBytes) this.lose("it answers, but reads no sound");
    else if (!this.#isPinged && nowMs - this.#pingedMs > pingEveryMs) this.#ping();
  }

  /** Gives the connection up, and says why, once. */
  lose(reason: string): void {
    if (this.#isOver) return;
    const wasReady = this.#isReady;
    this.end();
    this.#events.onLost(reason, wasReady);
  }

  /** Ends it without a word. */
  end(): void {
    this.#isOver = true;
    this.#socket.terminate();
  }

  #ping(): void {
    this.#pingedMs = monotonicMs();
    this.#isPinged = true;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping("", undefined, () => {});
  }

  #ponged(): void {
    this.#isPinged = false;
    if (this.#isReady || this.#isOver) return;
    this.#isReady = true;
    this.#workingMs = monotonicMs();
    this.#heardMs = this.#workingMs;
    this.#events.onReady();
  }

  #told(text: string | undefined): void {
    if (this.#isOver) return;
    this.#heardMs = monotonicMs();
    this.#events.onMessage(text);
  }

  #write(data: string | Buffer): void {
    // An error also closes the connection, and is handled there.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data, () => {});
  }
}

/** For `ws`: a socket's path stands before a colon. */
function urlOf(address: string): string {
  const place = readPlace(address);
  if (!place) throw new Error(`${address}: expected host:port or unix:<path>`);
  if ("path" in place && place.path.includes(":")) throw new Error(`${address}: expected a path without a colon`);
  return "path" in place ? `ws+unix://${place.path}:/` : `ws://${address}/`;
}
