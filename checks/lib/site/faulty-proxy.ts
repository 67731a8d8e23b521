import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";

/** The fate of one request. With `saved`, the request reaches the server, and the response is lost. */
export type Fault =
  | "pass"
  | "cut"
  | "cut when saved"
  | "cut within the answer"
  /** No response until the proxy stops or the client disconnects. */
  | "hold"
  | "hold when saved"
  | { readonly saved?: true; readonly status: number; readonly body?: string; readonly location?: string };

/** A request's password header and body. */
export interface Sent {
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A proxy before a server that breaks requests on demand. It records each request as `GET /path` before it decides on it. */
export interface FaultyProxy {
  readonly url: string;
  readonly requests: string[];
  /** Decides on each request. By default it passes all. It may be slow. */
  faultOf: (asked: string, sent: Sent) => Fault | Promise<Fault>;
  stop(): void;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const proxy = { requests: [] as string[], faultOf: (): Fault => "pass" } as Omit<FaultyProxy, "url" | "stop">;
  const server = createServer(async (incoming, answer) => {
    const asked = `${incoming.method} ${incoming.url}`;
    proxy.requests.push(asked);
    const body = await wholeBody(incoming).catch(() => undefined);
    if (body === undefined) return;
    const sent = { authorization: incoming.headers.authorization, body: `${body}` };
    await treat(await proxy.faultOf(asked, sent), target, { incoming, body, answer });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  });
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
  readonly answer: ServerResponse;
}

async function treat(fault: Fault, target: string, exchange: Exchange): Promise<void> {
  const { incoming, answer } = exchange;
  if (fault === "hold") return;
  if (fault === "cut") return void incoming.socket.destroy();
  if (typeof fault === "object" && !fault.saved) return say(fault, answer);
  const real = await pass(target, exchange).catch(() => undefined);
  if (!real || fault === "cut when saved") return void incoming.socket.destroy();
  if (fault === "hold when saved") return;
  if (typeof fault === "object") return say(fault, answer);
  answer.writeHead(real.status, { ...real.headers, "content-length": real.body.length });
  if (fault === "pass") return void answer.end(real.body);
  answer.write(real.body.subarray(0, real.body.length / 2), () => incoming.socket.destroy());
}

function say({ status, body = "", location }: Exclude<Fault, string>, answer: ServerResponse): void {
  answer.writeHead(status, location === undefined ? {} : { location }).end(body);
}

async function wholeBody(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function pass(
  target: string,
  { incoming, body }: Exchange,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  const { method, url = "" } = incoming;
  const headers = { ...incoming.headers, "content-length": `${body.length}`, connection: "close" };
  delete headers["transfer-encoding"];
  delete headers["accept-encoding"];
  const passed = request(new URL(url, target), { method, headers }).end(body);
  const [response] = (await once(passed, "response")) as [IncomingMessage];
  const { "transfer-encoding": _, connection: __, ...kept } = response.headers;
  return { status: response.statusCode ?? 502, headers: kept, body: await wholeBody(response) };
}
