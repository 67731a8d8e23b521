import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import type { Duplex } from "node:stream";

/** A chat user from an internet address. */
export interface Chatter {
  readonly id: string;
  readonly token: string;
  /** Enters the chat; resolves to the response's status (101: let in) and to the server's first message. */
  enter(): Promise<{ readonly status: number; readonly greeting: string }>;
  say(text: string): void;
  /** Resolves when the server has closed the connection. */
  thrownOut(): Promise<unknown>;
  leave(): void;
}

/** Registers directly with Owncast, which takes the user's address from the header, as behind Caddy. */
export async function register(owncastUrl: string, displayName: string, address: string): Promise<Chatter> {
  const headers = { "X-Forwarded-For": address };
  const answer = await fetch(`${owncastUrl}/api/chat/register`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ displayName }),
  });
  const { id, accessToken } = (await answer.json()) as { id: string; accessToken: string };
  let socket: Duplex | undefined;
  let closed: Promise<unknown> = Promise.resolve();
  return {
    id,
    token: accessToken,
    async enter() {
      const asking = request(`${owncastUrl}/ws?accessToken=${accessToken}`, {
        headers: {
          ...headers,
          Connection: "Upgrade",
          Upgrade: "websocket",
          "Sec-WebSocket-Version": "13",
          "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
        },
      }).end();
      const [response, upgraded, head] = await Promise.race([once(asking, "upgrade"), once(asking, "response")]);
      if (!upgraded) {
        response.resume();
        return { status: response.statusCode, greeting: "" };
      }
      socket = upgraded as Duplex;
      closed = once(socket, "close");
      const [first] = head.length > 0 ? [head] : await once(socket, "data");
      socket.resume();
      return { status: response.statusCode, greeting: String(first) };
    },
    say(text) {
      socket?.write(textFrame(JSON.stringify({ type: "CHAT", body: text })));
    },
    thrownOut: () => closed,
    leave: () => socket?.destroy(),
  };
}

/** A WebSocket client's frame with a text of up to 125 bytes, masked with zeros. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
