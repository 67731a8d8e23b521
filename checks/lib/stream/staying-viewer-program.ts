// A program for a host: a viewer that stays. It keeps one connection for playlists and segments, and one for the chat. At each
// look, a new connection reads the certificate that new viewers get. It prints one line of JSON a look, and ends with an error
// at the first missing response. Arguments: the page's address, a file with the authority.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, get, request } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { WebSocket } from "ws";

/** The result of one look. */
export interface Look {
  /** The number of the newest segment, which it has fetched. */
  readonly sequence: number;
  /** Number of responses over the chat's connection. */
  readonly pongs: number;
  /** The local port of the connection for playlists and segments, and its certificate's serial number. */
  readonly kept: { readonly port: number; readonly serial: string };
  /** The serial number of the certificate that a new connection gets. */
  readonly newcomer: string;
}

const [, , page = "", caFile = ""] = process.argv;
const ca = readFileSync(caFile);
const everyMs = 300;
const { hostname } = new URL(page);

const serialOf = (socket: TLSSocket) => socket.getPeerCertificate().serialNumber;

const agent = new Agent({ keepAlive: true, maxSockets: 1, ca });
async function ask(path: string): Promise<{ body: string; kept: Look["kept"] }> {
  const [answer] = await once(get(`${page}${path}`, { agent }), "response");
  const socket = answer.socket as TLSSocket;
  const kept = { port: socket.localPort ?? 0, serial: serialOf(socket) };
  if (answer.statusCode !== 200) throw new Error(`${path} answers ${answer.statusCode}`);
  return { body: await text(answer.setEncoding("latin1")), kept };
}

async function newcomer(): Promise<string> {
  const socket = connect({ host: hostname, port: 443, servername: hostname, ca });
  await once(socket, "secureConnect");
  const serial = serialOf(socket);
  socket.destroy();
  return serial;
}

async function joinChat(): Promise<WebSocket> {
  const headers = { "content-type": "application/json" };
  const registering = request(`${page}/api/chat/register`, { method: "POST", headers, ca }).end("{}");
  const [answer] = await once(registering, "response");
  const { accessToken } = JSON.parse(await text(answer)) as { accessToken: string };
  const socket = new WebSocket(`${page.replace("https:", "wss:")}/ws?accessToken=${accessToken}`, { ca });
  await once(socket, "open");
  return socket;
}

const chat = await joinChat();
let pongs = 0;
chat.on("pong", () => {
  pongs += 1;
});
chat.on("close", () => {
  throw new Error("the chat's connection was closed");
});
for (; ; await sleep(everyMs)) {
  const { body: playlist, kept } = await ask("/hls/0/stream.m3u8");
  const [segment, sequence] = [...playlist.matchAll(/^stream-.*-(\d+)\.ts$/gm)].at(-1) ?? [];
  if (segment === undefined) throw new Error(`no segment in this playlist:\n${playlist}`);
  await ask(`/hls/0/${segment}`);
  chat.ping();
  const look: Look = { sequence: Number(sequence), pongs, kept, newcomer: await newcomer() };
  process.stdout.write(`${JSON.stringify(look)}\n`);
}
