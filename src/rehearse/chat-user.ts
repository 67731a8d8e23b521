import { randomBytes } from "node:crypto";
import type { RawData, WebSocket } from "ws";
import type { Dialling } from "../viewer/http-client.ts";

/** What a chat user tells. */
export interface ChatEvents {
  onJoined(): void;
  /** An own message came back, so many ms after it was sent. */
  onBack(ms: number): void;
  /** The connection could not be made, or was lost. The text holds no token. Called at most once, and never after `close`. */
  onLost(reason: string): void;
}

/** Somebody in the chat, over a websocket as Owncast's page has one. */
export interface ChatUser {
  /** Sends a message that everybody sees, unless the last one has not come back. Returns whether it did. */
  say(): boolean;
  close(): void;
}

const maxMessageBytes = 256 * 1024;
const handshakeMs = 15_000;

/** Joins the chat of the stage at `origin`. `accessToken` comes from its registration. */
export async function joinChat(
  origin: string,
  accessToken: string,
  dialling: Dialling,
  events: ChatEvents,
): Promise<ChatUser> {
  const { WebSocket: Socket } = await import("ws");
  const address = new URL(`/ws?accessToken=${encodeURIComponent(accessToken)}`, origin);
  address.protocol = "wss:";
  const limits = { maxPayload: maxMessageBytes, handshakeTimeout: handshakeMs, perMessageDeflate: false };
  const socket: WebSocket = new Socket(address, { ...dialling, ...limits, origin });
  let isOver = false;
  let waiting: { readonly mark: string; readonly sentMs: number } | undefined;
  const lose = (reason: string) => {
    if (isOver) return;
    isOver = true;
    events.onLost(reason);
    socket.terminate();
  };
  socket.on("open", () => events.onJoined());
  socket.on("unexpected-response", (_, { statusCode = 0 }) => lose(`websocket: status ${statusCode}`));
  socket.on("error", () => lose("websocket: it cannot be opened"));
  socket.on("close", () => lose("websocket: the server closed it"));
  socket.on("message", (data: RawData) => {
    // Everybody's messages come to everybody: nothing is parsed, for there may be many.
    if (!waiting || !(data as Buffer).includes(waiting.mark)) return;
    events.onBack(performance.now() - waiting.sentMs);
    waiting = undefined;
  });
  return {
    say() {
      if (waiting || socket.readyState !== Socket.OPEN) return false;
      waiting = { mark: randomBytes(6).toString("hex"), sentMs: performance.now() };
      socket.send(JSON.stringify({ type: "CHAT", body: `This is a rehearsal of Lectern (${waiting.mark})` }));
      return true;
    },
    close() {
      isOver = true;
      socket.terminate();
    },
  };
}
