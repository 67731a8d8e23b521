// A program of its own, outside a node. It enters a stage's chat over TLS, and reports when the connection ended.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type RequestOptions, request } from "node:https";
import type { Duplex } from "node:stream";
import { json } from "node:stream/consumers";
import type { Chat } from "./chatting-viewer.ts";
import type { WatchTarget } from "./watching-player.ts";

const { domain, address, caFile } = JSON.parse(process.argv[2] ?? "") as WatchTarget;
const options: RequestOptions = {
  ...{ host: address, port: 443, servername: domain, ca: readFileSync(caFile), agent: false },
};
const headers = { host: domain };
let endedAt: number | undefined;

const registering = request({ ...options, method: "POST", path: "/api/chat/register", headers });
registering.end(JSON.stringify({ displayName: "A viewer" }));
const [registered] = await once(registering, "response");
const { accessToken } = (await json(registered)) as { accessToken: string };
const entering = request({
  ...options,
  path: `/ws?accessToken=${accessToken}`,
  headers: {
    ...headers,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
  },
}).end();
const [, socket] = (await once(entering, "upgrade")) as [unknown, Duplex];
socket.once("close", () => {
  endedAt = Date.now();
});
socket.resume();

process.once("message", () => {
  const told: Chat = { endedAt };
  process.send?.(told, () => process.exit(0));
});
process.once("disconnect", () => process.exit(0));
