import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { WebSocket } from "ws";
import { reasonOf } from "../lib/error-cause.ts";
import { withinSeconds } from "../lib/time-limit.ts";
import type { HttpClient } from "../viewer/http-client.ts";
import type { Notes } from "./probe-report.ts";

/** The chat to check. */
export interface ChatTask {
  readonly client: HttpClient;
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
}

const timeoutSeconds = 15;
const name = "lectern-probe";

/** Joins the chat, sends a message and waits until the chat sends it to everybody: `chat`. */
export async function probeChat(task: ChatTask, notes: Notes): Promise<void> {
  const { signal } = task;
  const began = performance.now();
  try {
    const accessToken = await register(task);
    await sendMessage(task, accessToken);
    notes.pass("chat", `a message came back after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  } catch (error) {
    if (signal?.aborted) throw error;
    notes.fail("chat", reasonOf(error));
  }
}

async function register({ client, url, signal }: ChatTask): Promise<string> {
  const { status, body } = await client.fetch(new URL("/api/chat/register", url).href, {
    ...{ method: "POST", headers: { "content-type": "application/json" } },
    ...{ body: JSON.stringify({ displayName: name }), signal },
  });
  const refused = new Error(`nobody can join: /api/chat/register answers ${status}`);
  if (status !== 200) throw refused;
  try {
    const { accessToken } = JSON.parse(body.toString()) as { accessToken?: unknown };
    if (typeof accessToken === "string") return accessToken;
  } catch {}
  throw refused;
}

async function sendMessage({ client, url, signal }: ChatTask, accessToken: string): Promise<void> {
  const { WebSocket } = await import("ws");
  const address = new URL(`/ws?accessToken=${encodeURIComponent(accessToken)}`, url);
  const dialling = client.dialling(address.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address, { ...dialling, handshakeTimeout: timeoutSeconds * 1000 });
  // A server that breaks the protocol also closes the connection, which is reported; an unheard error would end this process.
  socket.on("error", () => {});
  try {
    await withinSeconds(timeoutSeconds, signal, (limited) => sendAndReceive(socket, limited));
  } finally {
    socket.terminate();
  }
}

async function sendAndReceive(socket: WebSocket, signal: AbortSignal): Promise<void> {
  await once(socket, "open", { signal }).catch((error: unknown) => {
    // The error's own text could hold the address, and with it the token.
    const status = /response: (\d+)/.exec(reasonOf(error))?.[1];
    throw new Error(
      `the websocket cannot be opened${status ? ` (the server answers ${status})` : ""}: does the proxy pass it on?`,
    );
  });
  const words = `Lectern checks whether the chat works: ${randomBytes(6).toString("hex")}`;
  const back = received(socket, words, signal);
  socket.send(JSON.stringify({ type: "CHAT", body: words }));
  await back;
}

/** Resolves when the chat sends a message with these words. A websocket frame may hold several events, one a line. */
async function received(socket: WebSocket, words: string, signal: AbortSignal): Promise<void> {
  const silent = new Error("the message does not come back: new visitors may not be allowed to write");
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(silent), { once: true });
    socket.once("close", () => reject(new Error("the chat closed the connection when a message was sent")));
    socket.on("message", (data) => {
      const events = `${data}`.split("\n");
      if (events.some((event) => event.includes('"CHAT"') && event.includes(words))) resolve();
    });
  });
}
