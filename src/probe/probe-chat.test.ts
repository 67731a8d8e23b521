import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { makeHttpClient } from "../viewer/http-client.ts";
import { probeChat } from "./probe-chat.ts";
import { Notes } from "./probe-report.ts";

const servers: { close(): void }[] = [];
afterEach(() => servers.splice(0).forEach((one) => void one.close()));

it("a chat that breaks the websocket protocol fails only the check of the chat", async () => {
  const server = createServer((_, response) => void response.end(JSON.stringify({ accessToken: "token" })));
  const chat = new WebSocketServer({ server });
  // A frame with all reserved bits set.
  chat.on("connection", (socket, request) =>
    socket.on("message", () => void request.socket.write(Buffer.alloc(64, 0xff))),
  );
  servers.push(server, chat);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const client = await makeHttpClient();
  servers.push(client);
  const notes = new Notes();
  await probeChat({ client, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, notes);
  expect(notes.results()).toEqual([expect.objectContaining({ check: "chat", outcome: "failed" })]);
});
