import { once } from "node:events";
import type { Socket } from "node:net";
import { ConnectionControl } from "./rtmp-control.ts";
import { encodeMessage, type RtmpMessage, sentChunkBytes } from "./rtmp-messages.ts";
import { MessageReader, type ReaderLimits, RtmpFault } from "./rtmp-reader.ts";

// What a message takes besides its bytes.
const messageCost = 256;
const closesWithinMs = 1000;

/** An RTMP connection whose handshake is done: sends messages, answers pings, hands on what arrives. */
export interface RtmpConnection {
  /** Resolves when it may go on sending: at once, or when the network has taken what waits. Rejects when the connection ends. */
  send(message: RtmpMessage, channel: number): Promise<void>;
  /** Resolves to the next message that is not the connection's own business. Rejects when the connection ends. */
  receive(): Promise<RtmpMessage>;
  /** Rejects when the connection ends; never resolves. */
  readonly lost: Promise<never>;
  /** Reads no more until `allow` or `ignore`. */
  pause(): void;
  /** From now on, the other side may send so much. If more waits than may, `onFull` is called, or, without it, no more is read. */
  allow(limits: ConnectionLimits, onFull?: () => void): void;
  /** From now on, what comes is read and dropped; the end of the connection is noticed. */
  ignore(): void;
  /** Sends what waits, then ends the connection; resolves when it is closed, after a second at most. */
  end(): Promise<void>;
  /** Ends it at once; `lost` rejects with the reason. */
  destroy(reason?: Error): void;
}

/** What the other side may make this one hold and do. */
export interface ConnectionLimits extends ReaderLimits {
  /** So much may wait to be received; then no more is read. */
  readonly waitingBytes: number;
  /** Of all that comes behind the handshake. */
  readonly totalBytes: number;
}

export interface ConnectionOptions {
  readonly limits: ConnectionLimits;
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
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader: MessageReader;
  readonly #messages: RtmpMessage[] = [];
  #limits: ConnectionLimits;
  #onFull: (() => void) | undefined;
  #receivedBytes = 0;
  #waitingBytes = 0;
  readonly #control: ConnectionControl;
  #receiver: { resolve: (message: RtmpMessage) => void; reject: (reason: Error) => void } | undefined;
  #end: Error | undefined;
  #lose!: (reason: Error) => void;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#limits = options.limits;
    this.#reader = new MessageReader(options.limits);
    this.#control = new ConnectionControl(socket, options.acknowledgeBytes);
    this.lost = new Promise<never>((_, reject) => {
      this.#lose = reject;
    });
    this.lost.catch(() => {});
    socket.on("error", (error) => this.#finish(error));
    socket.on("close", () => this.#finish(new Error("the connection was closed")));
    socket.on("end", () => {
      this.#finish(new Error(`${options.endedBy} closed the connection`));
      socket.destroy();
    });
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.resume();
  }

  get #isFull(): boolean {
    return this.#waitingBytes > this.#limits.waitingBytes;
  }

  pause(): void {
    this.#socket.pause();
  }

  ignore(): void {
    this.#socket.removeAllListeners("data").resume();
    this.#messages.length = 0;
  }

  allow(limits: ConnectionLimits, onFull?: () => void): void {
    this.#limits = limits;
    this.#onFull = onFull;
    this.#reader.allow(limits);
    if (!this.#isFull) this.#socket.resume();
  }

  /** Nothing is received any more but what waits. */
  #finish(reason: Error): void {
    if (this.#end) return;
    this.#end = reason;
    this.#receiver?.reject(reason);
    this.#receiver = undefined;
    this.#lose(reason);
  }

  async send(message: RtmpMessage, channel: number): Promise<void> {
    if (this.#end) throw this.#end;
    if (!this.#socket.write(encodeMessage(message, channel, sentChunkBytes))) await this.#drained();
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
    const wasFull = this.#isFull;
    this.#waitingBytes -= costOf(message);
    if (wasFull && !this.#isFull) this.#socket.resume();
    return Promise.resolve(message);
  }

  async end(): Promise<void> {
    const socket = this.#socket;
    if (socket.closed) return;
    const closed = once(socket, "close").catch(() => {});
    const patience = setTimeout(() => socket.destroy(), closesWithinMs);
    socket.end();
    // What still comes is read and dropped: to close on top of it would take our last words away from the other side.
    this.ignore();
    this.#finish(new Error("the connection was ended"));
    await closed;
    clearTimeout(patience);
  }

  destroy(reason?: Error): void {
    this.#socket.destroy(reason);
  }

  #take(bytes: Buffer): void {
    this.#receivedBytes += bytes.length;
    try {
      if (this.#receivedBytes > this.#limits.totalBytes) throw new RtmpFault("it sends much and does not publish");
      for (const message of this.#reader.push(bytes)) this.#heed(message);
      this.#control.received(this.#receivedBytes);
    } catch (error) {
      // Of other errors, the fault is our own: they end the connection, not the process.
      this.#socket.destroy(error as Error);
      return;
    }
    if (!this.#isFull) return;
    if (this.#onFull) this.#onFull();
    else this.#socket.pause();
  }

  #heed(message: RtmpMessage): void {
    this.#control.heed(message);
    if (!this.#options.heeds.includes(message.type)) return;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver) receiver.resolve(message);
    else {
      this.#messages.push(message);
      this.#waitingBytes += costOf(message);
    }
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

const costOf = ({ payload }: RtmpMessage): number => payload.length + messageCost;
