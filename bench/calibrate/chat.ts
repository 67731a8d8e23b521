import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { openConnection } from "./connection.ts";
import type { LiveStage } from "./live-stage.ts";

type Send = (load: { readonly perSecond: number; readonly seconds: number }) => Promise<void>;

/** People in the chat while `use` works. `send` sends messages, in turn from each of the first four, and waits until all have come. */
export async function withChat<Result>(
  { server, ca }: LiveStage,
  people: number,
  use: (send: Send) => Promise<Result>,
): Promise<Result> {
  const sockets = await Promise.all(Array.from({ length: people }, (_, index) => enter(server.origin, ca, index)));
  let received = 0;
  for (const socket of sockets)
    socket.on("message", (data) => {
      // A frame may hold several events, one a line.
      received += `${data as Buffer}`.split("\n").filter((line) => line.includes('"type":"CHAT"')).length;
    });
  const send: Send = async ({ perSecond, seconds }) => {
    const before = received;
    const messages = perSecond * seconds;
    for (let index = 0; index < messages; index++) {
      sockets[index % 4]?.send(JSON.stringify({ type: "CHAT", body: `message ${index} of the calibration` }));
      await sleep(1000 / perSecond);
    }
    for (let tries = 0; received - before < messages * people; tries++) {
      if (tries > 50) throw new Error(`${received - before} of ${messages * people} chat messages have come`);
      await sleep(100);
    }
  };
  try {
    return await use(send);
  } finally {
    for (const socket of sockets) socket.terminate();
  }
}

async function enter(origin: string, ca: Buffer, index: number): Promise<WebSocket> {
  const connection = openConnection(origin, ca, `chatter ${index}`);
  const { text } = await connection.ask("/api/chat/register", {
    json: { displayName: `chatter ${index}` },
    text: true,
  });
  connection.close();
  const { accessToken } = JSON.parse(text) as { accessToken: string };
  const address = `${origin.replace("https", "wss")}/ws?accessToken=${encodeURIComponent(accessToken)}`;
  const socket = new WebSocket(address, { ca });
  await once(socket, "open");
  return socket;
}
