import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { type RequestOptions, request } from "node:https";
import type { Duplex } from "node:stream";
import { json } from "node:stream/consumers";

/** A site on loopback, over TLS. */
export interface Site {
  readonly name: string;
  readonly port: number;
  readonly caFile: string;
}

/** Somebody with an own address, such as 127.0.0.2. */
export interface Visitor {
  /** Sends a request without a body; resolves to the status. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<number | undefined>;
  /** Enters the stage's chat as a new user. */
  enterChat(): Promise<ChatVisit>;
}

export interface ChatVisit {
  /** The user's id in Owncast. */
  readonly id: string;
  /** The status of the response: 101 if let in. */
  readonly status: number | undefined;
  leave(): void;
}

/** A visitor of the site from this address of loopback. Each request has a connection of its own. */
export function visitorOf({ name, port, caFile }: Site, localAddress: string): Visitor {
  const options = (path: string, headers: Readonly<Record<string, string>> = {}): RequestOptions => ({
    ...{ host: "127.0.0.1", port, localAddress, path, agent: false, servername: name, ca: readFileSync(caFile) },
    headers: { host: name, ...headers },
  });
  return {
    async ask(path, headers) {
      const asked = request(options(path, headers)).end();
      const [{ statusCode }] = (await once(asked, "response")) as [IncomingMessage];
      asked.destroy();
      return statusCode;
    },
    async enterChat() {
      const registering = request({ ...options("/api/chat/register"), method: "POST" });
      registering.end(JSON.stringify({ displayName: "A viewer" }));
      const [registered] = await once(registering, "response");
      const { id, accessToken } = (await json(registered)) as { id: string; accessToken: string };
      const upgrade = {
        ...{ Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13" },
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      };
      const entering = request(options(`/ws?accessToken=${accessToken}`, upgrade)).end();
      const [response, socket] = (await Promise.race([once(entering, "upgrade"), once(entering, "response")])) as [
        IncomingMessage,
        Duplex?,
      ];
      const stream = socket ?? response;
      stream.on("error", () => {}).resume();
      return { id, status: response.statusCode, leave: () => void stream.destroy() };
    },
  };
}
