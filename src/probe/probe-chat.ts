import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { WebSocket } from "ws";
import { reasonOf } from "../lib/error-cause.ts";
import { withinSeconds } from "../lib/time-limit.ts";
import type { HttpClient } from "../viewer/http-client.ts";
import type { Notes } from "./checks.ts";

/** The chat to speak in. */
export interface ChatTask {
  readonly client: HttpClient;
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
}

const answersWithinSeconds = 15;
const name = "lectern-probe";

/** Joins the chat, says something and waits until it comes back to all: `chat`. Everybody in the chat sees it. */
export async function probeChat(task: ChatTask, notes: Notes): Promise<void> {
  const { signal } = task;
  const began = performance.now();
  try {
    const accessToken = await register(task);
    await speak(task, accessToken);
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
  const refused = new Error(`nobody can join: registering answers ${status}`);
  if (status !== 200) throw refused;
  try {
    const { accessToken } = JSON.parse(body.toString()) as { accessToken?: unknown };
    if (typeof accessToken === "string") return accessToken;
  } catch {}
  throw refused;
}

async function speak({ client, url, signal }: ChatTask, accessToken: string): Promise<void> {
  // Only who looks at the chat pays for loading it.
  const { WebSocket } = await import("ws");
  const address = new URL(`/ws?accessToken=${encodeURIComponent(accessToken)}`, url);
  const dialling = client.dialling(address.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address, { ...dialling, handshakeTimeout: answersWithinSeconds * 1000 });
  // A server that breaks the protocol ends the connection too, which is told of; without this it would end the process.
  socket.on("error", () => {});
  try {
    await withinSeconds(answersWithinSeconds, signal, (limited) => sayAndHear(socket, limited));
  } finally {
    socket.terminate();
  }
}

async function sayAndHear(socket: WebSocket, signal: AbortSignal): Promise<void> {
  await once(socket, "open", { signal }).catch((error: unknown) => {
    // Its own text could hold the address, and with it the token.
    const status = /response: (\d+)/.exec(reasonOf(error))?.[1];
    throw new Error(
      `the websocket cannot be opened${status ? ` (it answers ${status})` : ""}: does the proxy pass it on?`,
    );
  });
  const words = `Lectern looks whether the chat works: ${randomBytes(6).toString("hex")}`;
  const back = hears(socket, words, signal);
  socket.send(JSON.stringify({ type: "CHAT", body: words }));
  await back;
}

/** Resolves when a message with these words comes from the chat. A frame may hold several events, a line each. */
async function hears(socket: WebSocket, words: string, signal: AbortSignal): Promise<void> {
  const silent = new Error("what is sent does not come back: new visitors may be kept from speaking");
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(silent), { once: true });
    socket.once("close", () => reject(new Error("the chat closed the connection when it was spoken in")));
    socket.on("message", (data) => {
      const events = `${data}`.split("\n");
      if (events.some((event) => event.includes('"CHAT"') && event.includes(words))) resolve();
    });
  });
}
