import { once } from "node:events";
import type { Socket } from "node:net";
import { ConnectionControl } from "./rtmp-control.ts";
import { encodeMessage, type RtmpMessage, sentChunkBytes } from "./rtmp-messages.ts";
import { MessageReader, type ReaderLimits, RtmpFault } from "./rtmp-reader.ts";

// Memory for a message besides its bytes.
const messageCost = 256;
const closesWithinMs = 1000;

/** An RTMP connection after the handshake: sends and receives messages, and answers pings itself. */
export interface RtmpConnection {
  /** Resolves when more may be sent: at once, or when the network has taken the waiting bytes. Rejects when the connection ends. */
  send(message: RtmpMessage, channel: number): Promise<void>;
  /** Resolves to the next message of a received type. Rejects when the connection ends. */
  receive(): Promise<RtmpMessage>;
  /** Rejects when the connection ends; never resolves. */
  readonly lost: Promise<never>;
  /** Stops reading until `allow` or `ignore`. */
  pause(): void;
  /** Sets new limits. If too much waits to be received, `onFull` is called; without it, reading stops until less waits. */
  allow(limits: ConnectionLimits, onFull?: () => void): void;
  /** From now on, drops everything that arrives, but still notices the end of the connection. */
  ignore(): void;
  /** Sends what waits, then closes the connection. Resolves when it is closed, after a second at most. */
  end(): Promise<void>;
  /** Closes it at once; `lost` rejects with the reason. */
  destroy(reason?: Error): void;
}

/** Limits for the data of the other side. */
export interface ConnectionLimits extends ReaderLimits {
  /** The limit for data that waits to be received. */
  readonly waitingBytes: number;
  /** Everything after the handshake. */
  readonly totalBytes: number;
}

export interface ConnectionOptions {
  readonly limits: ConnectionLimits;
  /** The types of messages that are received; others are dropped. */
  readonly heeds: readonly number[];
  /** A name for the other side, for the error when it ends the connection: "the server". */
  readonly endedBy: string;
  /** An acknowledgement is sent after so many bytes; never if left out. */
  readonly acknowledgeBytes?: number;
  /** The connection is closed if the other side takes no data for so long. */
  readonly stalledAfterMs: number;
}

/** Starts a connection on a socket after the handshake. */
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

  /** The connection has ended. Messages that wait can still be received. */
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
    // Unread bytes at the close would make the kernel reset the connection, and the other side would lose our last message.
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
      if (this.#receivedBytes > this.#limits.totalBytes)
        throw new RtmpFault("it sends a lot of data and does not publish");
      for (const message of this.#reader.push(bytes)) this.#heed(message);
      this.#control.received(this.#receivedBytes);
    } catch (error) {
      // Any other error is a bug here; it ends this connection, not the process.
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

  /** Resolves when the waiting bytes are sent, or when the connection has ended. */
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
