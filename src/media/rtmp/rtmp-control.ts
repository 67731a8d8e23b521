import type { Socket } from "node:net";
import {
  controlChannel,
  controlMessage,
  encodeMessage,
  numberMessage,
  type RtmpMessage,
  rtmpType,
  sentChunkBytes,
} from "./rtmp-messages.ts";
import { RtmpFault } from "./rtmp-reader.ts";

const ping = { request: 6, response: 7, bytes: 6 } as const;
// A peer that causes responses and reads none would fill the memory.
const mostUnreadBytes = 256 * 1024;
const leastWindowBytes = 16_384;

/** Handles control messages: answers pings and sends acknowledgements. */
export class ConnectionControl {
  readonly #socket: Socket;
  readonly #confirms: boolean;
  #windowBytes: number;
  #confirmedBytes = 0;

  /** Acknowledges each `windowBytes`, unless the peer sets another window; never if undefined. */
  constructor(socket: Socket, windowBytes: number | undefined) {
    this.#socket = socket;
    this.#confirms = windowBytes !== undefined;
    this.#windowBytes = windowBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Throws RtmpFault. */
  heed({ type, payload }: RtmpMessage): void {
    if (type === rtmpType.userControl) this.#answerPing(payload);
    else if (type === rtmpType.windowAckSize && this.#confirms) this.#setWindow(payload);
  }

  /** `bytes` have arrived in all. Throws RtmpFault. */
  received(bytes: number): void {
    if (bytes - this.#confirmedBytes < this.#windowBytes) return;
    this.#confirmedBytes = bytes;
    this.#answer(numberMessage(rtmpType.acknowledgement, bytes % 2 ** 32));
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

  #answer(message: RtmpMessage): void {
    if (this.#socket.writableLength > mostUnreadBytes)
      throw new RtmpFault("it causes responses and reads none of them");
    if (this.#socket.writable) this.#socket.write(encodeMessage(message, controlChannel, sentChunkBytes));
  }
}
