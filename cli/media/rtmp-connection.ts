import { once } from "node:events";
import type { Socket } from "node:net";
import {
  controlMessage,
  defaultChunkBytes,
  encodeMessage,
  largestChunkBytes,
  numberMessage,
  type RtmpMessage,
  rtmpType,
} from "./rtmp-messages.ts";
import { MessageReader, type ReaderLimits, RtmpFault } from "./rtmp-reader.ts";

const controlChannel = 2;
const ping = { request: 6, response: 7, bytes: 6 } as const;
/** What may wait to be received before the connection is read no further. */
const waiting = { bytes: 1024 * 1024, perMessage: 256 } as const;
// Who asks for answers and reads none gets none.
const mostUnreadAnswerBytes = 256 * 1024;
const leastWindowBytes = 16_384;
const closesWithinMs = 1000;

/** An RTMP connection whose handshake is done: sends messages, answers pings, hands on what arrives. */
export interface RtmpConnection {
  /** Resolves when it may go on sending: at once, or when the network has taken what waits. Rejects when the connection ends. */
  send(message: RtmpMessage, channel: number): Promise<void>;
  /** Resolves to the next message that is not the connection's own business. Rejects when the connection ends. */
  receive(): Promise<RtmpMessage>;
  /** Rejects when the connection ends; never resolves. */
  readonly lost: Promise<never>;
  /** From now on, messages of the other side may be of this size. */
  allow(limits: ReaderLimits): void;
  /** Bytes that have come since the handshake. */
  readonly receivedBytes: number;
  /** Whether nothing is read because what has come waits to be received. */
  readonly isPaused: boolean;
  /** Sends what waits, then ends the connection; resolves when it is closed, after a second at most. */
  end(): Promise<void>;
  /** Ends it at once; `lost` rejects with the reason. */
  destroy(reason?: Error): void;
}

export interface ConnectionOptions {
  readonly limits: ReaderLimits;
  /** The types of messages that are received; others are dropped. */
  readonly heeds: readonly number[];
  /** How the end of the connection is told. */
  readonly endedBy: string;
  /** After so many bytes, arrival is confirmed; never when left out. */
  readonly acknowledgeBytes?: number;
  /** A side that takes nothing for so long is given up. */
  readonly stalledAfterMs: number;
}

/** Converses over a socket on which hands were shaken. */
export const converse = (socket: Socket, options: ConnectionOptions): RtmpConnection =>
  new Conversation(socket, options);

class Conversation implements RtmpConnection {
  readonly lost: Promise<never>;
  receivedBytes = 0;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader: MessageReader;
  readonly #messages: RtmpMessage[] = [];
  #waitingBytes = 0;
  #windowBytes: number;
  #acknowledgedBytes = 0;
  #receiver: { resolve: (message: RtmpMessage) => void; reject: (reason: Error) => void } | undefined;
  #end: Error | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new MessageReader(options.limits);
    this.#windowBytes = options.acknowledgeBytes ?? Number.POSITIVE_INFINITY;
    this.lost = new Promise<never>((_, reject) => {
      const ended = (reason: Error) => {
        if (this.#end) return;
        this.#end = reason;
        this.#receiver?.reject(reason);
        this.#receiver = undefined;
        socket.destroy();
        reject(reason);
      };
      socket.on("error", ended);
      socket.on("end", () => ended(new Error(`${options.endedBy} closed the connection`)));
      socket.on("close", () => ended(new Error("the connection was closed")));
    });
    this.lost.catch(() => {});
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.resume();
  }

  get isPaused(): boolean {
    return this.#waitingBytes > waiting.bytes;
  }

  allow(limits: ReaderLimits): void {
    this.#reader.allow(limits);
  }

  async send(message: RtmpMessage, channel: number): Promise<void> {
    if (this.#end) throw this.#end;
    if (!this.#socket.write(encodeMessage(message, channel, largestChunkBytes))) await this.#drained();
    if (this.#end) throw this.#end;
  }

  receive(): Promise<RtmpMessage> {
    const message = this.#messages.shift();
    if (!message) {
      if (this.#end) return Promise.reject(this.#end);
      return new Promise((resolve, reject) => {
        this.#receiver = { resolve, reject };
      });
    }
    const wasPaused = this.isPaused;
    this.#waitingBytes -= costOf(message);
    if (wasPaused && !this.isPaused) this.#socket.resume();
    return Promise.resolve(message);
  }

  async end(): Promise<void> {
    const socket = this.#socket;
    if (socket.closed) return;
    const closed = once(socket, "close").catch(() => {});
    const patience = setTimeout(() => socket.destroy(), closesWithinMs);
    socket.end();
    // What still comes is read and dropped: closing on top of it would take our last words away from the other side.
    socket.removeAllListeners("data").resume();
    await closed;
    clearTimeout(patience);
  }

  destroy(reason?: Error): void {
    this.#socket.destroy(reason);
  }

  #take(bytes: Buffer): void {
    this.receivedBytes += bytes.length;
    try {
      for (const message of this.#reader.push(bytes)) this.#heed(message);
    } catch (error) {
      // Of other errors, the fault is our own: they end the connection, not the process.
      this.#socket.destroy(error as Error);
      return;
    }
    if (this.receivedBytes - this.#acknowledgedBytes >= this.#windowBytes) this.#acknowledge();
    if (this.isPaused) this.#socket.pause();
  }

  #heed(message: RtmpMessage): void {
    const { type, payload } = message;
    if (type === rtmpType.userControl) this.#answerPing(payload);
    else if (type === rtmpType.windowAckSize && this.#options.acknowledgeBytes !== undefined) this.#setWindow(payload);
    if (!this.#options.heeds.includes(type)) return;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver) receiver.resolve(message);
    else {
      this.#messages.push(message);
      this.#waitingBytes += costOf(message);
    }
  }

  #answerPing(request: Buffer): void {
    if (request.length !== ping.bytes || request.readUInt16BE(0) !== ping.request) return;
    const payload = Buffer.from(request);
    payload.writeUInt16BE(ping.response, 0);
    this.#answer(controlMessage(rtmpType.userControl, payload));
  }

  #setWindow(payload: Buffer): void {
    if (payload.length !== 4) throw new RtmpFault("a window without a size");
    this.#windowBytes = Math.max(leastWindowBytes, payload.readUInt32BE(0));
  }

  #acknowledge(): void {
    this.#acknowledgedBytes = this.receivedBytes;
    this.#answer(numberMessage(rtmpType.acknowledgement, this.receivedBytes % 2 ** 32));
  }

  #answer(message: RtmpMessage): void {
    if (this.#socket.writableLength > mostUnreadAnswerBytes)
      throw new RtmpFault("it asks for answers and reads none of them");
    if (this.#socket.writable) this.#socket.write(encodeMessage(message, controlChannel, largestChunkBytes));
  }

  /** Resolves when what waits is sent, or when the connection has ended. */
  #drained(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const { endedBy, stalledAfterMs } = this.#options;
      const patience = setTimeout(() => socket.destroy(new Error(`${endedBy} takes no more data`)), stalledAfterMs);
      const go = () => {
        clearTimeout(patience);
        socket.off("drain", go).off("close", go);
        resolve();
      };
      socket.on("drain", go).on("close", go);
    });
  }
}

const costOf = ({ payload }: RtmpMessage): number => payload.length + waiting.perMessage;

/** The bytes that announce this side's chunk size, in chunks of the usual size. */
export const announcedChunkSize = (): Buffer =>
  encodeMessage(numberMessage(rtmpType.setChunkSize, largestChunkBytes), controlChannel, defaultChunkBytes);
