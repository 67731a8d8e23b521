import { once } from "node:events";
import { WebSocket } from "ws";

/** A word in an answer; times in seconds since the stream's start. */
export interface VoskWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  readonly conf: number;
}

/** An answer of the speech server. */
export interface VoskAnswer {
  readonly partial?: string;
  readonly partial_result?: readonly VoskWord[];
  readonly text?: string;
  readonly result?: readonly VoskWord[];
  readonly settled: number;
}

/** A client that does what the protocol says. */
export interface VoskClient {
  /** Sends a message; resolves to its answer. Rejects with the close's code and reason if there is none. */
  ask(message: string | Buffer): Promise<VoskAnswer>;
  /** Sends a message, and does not wait. */
  tell(message: string | Buffer): void;
  /** Resolves to the close, `CODE reason`. */
  readonly closed: Promise<string>;
  close(): void;
}

/** The bytes of the protocol's two commands. */
export const endOfStream = '{"eof" : 1}';
export const resetOfStream = '{"reset" : 1}';

/** Connects, and sends the configuration unless it is null. Rejects if the server refuses the connection. */
export async function connectVosk(
  url: string,
  config: object | null = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<VoskClient> {
  const socket = new WebSocket(url, { perMessageDeflate: false, headers });
  const waiting: { resolve: (answer: VoskAnswer) => void; reject: (error: Error) => void }[] = [];
  const closed = new Promise<string>((resolve) =>
    socket.once("close", (code, reason) => {
      const text = `${code} ${reason}`;
      for (const { reject } of waiting.splice(0)) reject(new Error(text));
      resolve(text);
    }),
  );
  socket.on("message", (data) => waiting.shift()?.resolve(JSON.parse(String(data))));
  await once(socket, "open");
  // From now on, `closed` tells.
  socket.on("error", () => {});
  if (config) socket.send(JSON.stringify({ config: { sample_rate: 16_000, ...config } }));
  return {
    ask: (message) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        socket.send(message);
        if (socket.readyState !== WebSocket.OPEN) reject(new Error("the connection is closed"));
      }),
    tell: (message) => socket.send(message),
    closed,
    close: () => socket.terminate(),
  };
}

/** What the server heard in a stream. */
export interface Transcript {
  readonly words: readonly VoskWord[];
  /** Each answer, and how many seconds of sound the server had by then. */
  readonly answers: readonly { readonly atSeconds: number; readonly answer: VoskAnswer }[];
}

/** Sends sound in pieces of half a second, as fast as the server answers, and ends the stream. */
export async function transcribe(url: string, pcm: Buffer, config: object = {}): Promise<Transcript> {
  const client = await connectVosk(url, config);
  const answers: { atSeconds: number; answer: VoskAnswer }[] = [];
  const pieceBytes = 16_000;
  try {
    for (let at = 0; at < pcm.length; at += pieceBytes) {
      const piece = pcm.subarray(at, at + pieceBytes);
      answers.push({ answer: await client.ask(piece), atSeconds: (at + piece.length) / 32_000 });
    }
    answers.push({ answer: await client.ask(endOfStream), atSeconds: pcm.length / 32_000 });
  } finally {
    client.close();
  }
  return { words: answers.flatMap(({ answer }) => answer.result ?? []), answers };
}

/** The words as a text. */
export const textOf = (words: readonly VoskWord[]): string => words.map(({ word }) => word).join(" ");
