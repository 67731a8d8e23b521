import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** A client's connection as the fake sees it. */
export interface FakeCall {
  readonly socket: WebSocket;
  /** Samples heard on this connection. */
  heard(): number;
  /** The config that the client sent. */
  config(): unknown;
  answer(value: unknown): void;
}

/** What a fake does with each piece of sound. `samples`: heard with this piece. */
export type Hears = (call: FakeCall, samples: number, pcm: Buffer) => void;

/** A speech server that a test decides on. */
export interface FakeSpeechServer {
  readonly address: string;
  /** Connections so far. */
  readonly calls: readonly FakeCall[];
  hears: Hears;
  /** Called at each new connection. */
  opened: (call: FakeCall) => void;
  close(): Promise<void>;
}

/** Starts one on a free port, or on `port`. It hears silence until a test says otherwise. */
export async function startFakeSpeechServer(port = 0): Promise<FakeSpeechServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port });
  await once(server, "listening");
  const calls: FakeCall[] = [];
  const fake: FakeSpeechServer = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    hears: ({ answer }) => answer({ partial: "" }),
    opened: () => {},
    async close() {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
  server.on("connection", (socket) => {
    let heard = 0;
    let config: unknown;
    const call: FakeCall = {
      socket,
      heard: () => heard,
      config: () => config,
      answer: (value) => socket.send(typeof value === "string" ? value : JSON.stringify(value)),
    };
    calls.push(call);
    socket.on("error", () => {});
    socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) {
        config = JSON.parse(data.toString()).config;
        return;
      }
      heard += data.length / 2;
      fake.hears(call, heard, data);
    });
    fake.opened(call);
  });
  return fake;
}
