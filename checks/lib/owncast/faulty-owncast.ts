import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that treats a client badly and tells it everything that it got from it. */
export interface FaultyServer {
  readonly url: string;
  stop(): void;
}

/** Passes everything on to an Owncast, but refuses each write and says its whole body, and the log-in, in the refusal. */
export const startRefusing = (target: string): Promise<FaultyServer> =>
  start(async ({ method, url = "", headers, body }) => {
    if (method === "POST") {
      const message = `cannot take ${body} of ${headers.authorization}`;
      return { status: 400, text: JSON.stringify({ success: false, message }) };
    }
    return passOn(new URL(url, target), headers.authorization);
  });

/** Answers 200 with no JSON at all, in which the log-in stands. */
export const startGarbling = (): Promise<FaultyServer> =>
  start(async ({ headers }) => ({ status: 200, text: `<h1>you are ${headers.authorization}</h1>` }));

interface Incoming {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: { readonly authorization?: string | undefined };
  readonly body: string;
}

interface Outgoing {
  readonly status: number;
  readonly text: string;
}

async function start(answer: (incoming: Incoming) => Promise<Outgoing>): Promise<FaultyServer> {
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const part of incoming.setEncoding("utf8")) body += part;
    const { method, url, headers } = incoming;
    const { status, text } = await answer({ method, url, headers, body });
    outgoing.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const passOn = (address: URL, authorization = ""): Promise<Outgoing> =>
  new Promise((resolve, reject) => {
    const passed = request(address, { headers: { authorization } }, async (response) => {
      let text = "";
      for await (const part of response.setEncoding("utf8")) text += part;
      resolve({ status: response.statusCode ?? 502, text });
    });
    passed.once("error", reject).end();
  });
