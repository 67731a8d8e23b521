import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request,
} from "node:http";
import { Agent as HttpsAgent, request as requestTls } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { TLSSocket } from "node:tls";
import { connectionError } from "../lib/connection-error.ts";
import { isTimeout } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { told } from "../lib/requests.ts";
import { withinSeconds } from "../lib/time-limit.ts";
import { leadingTo, mappedAddress, type Resolve } from "./resolve.ts";
import { trusting } from "./trusting.ts";
import type { ViewerCredentials } from "./viewer-credentials.ts";

/** How to reach servers. */
export interface HttpClientOptions {
  /** A PEM file with certificate authorities to trust besides the well-known ones. */
  readonly caFile?: string | undefined;
  readonly resolve?: readonly Resolve[] | undefined;
  /** For the whole of one request; 15 when left out. */
  readonly timeoutSeconds?: number;
  /** A longer answer is an error; 64 MiB when left out. */
  readonly maxBodyBytes?: number;
  /** What shows a private stage that this is one of its viewers. */
  readonly credentials?: ViewerCredentials | undefined;
}

/** One request. Nothing is sent that is not named here, besides Host and Connection; so no Accept-Encoding unless given. */
export interface HttpRequest {
  readonly method?: "GET" | "HEAD" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Sent as a stranger does: without the client's credentials. */
  readonly isStranger?: boolean;
}

/** An answer, whatever its status; redirects are not followed and bodies not decompressed. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Until when the server's certificate is valid, as it says itself; only over TLS. */
  readonly certificateUntil?: string;
}

/** What another protocol needs to connect as this client does. */
export interface Dialling {
  readonly agent: HttpAgent;
  readonly lookup?: LookupFunction;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Keeps connections open between requests; `close` ends them. */
export interface HttpClient {
  /**
   * Asks for an address; its path is sent as written (`/x/../y` stays). Throws CliError 69 when there is no answer:
   * nobody there, no trust in the certificate, too slow, too long.
   */
  fetch(url: string, request?: HttpRequest): Promise<HttpResponse>;
  /** The address to connect to for a name and port. */
  addressFor(host: string, port: number): string;
  /** For a connection to `url` (http or https) by other means. */
  dialling(url: string): Dialling;
  close(): void;
}

const defaults = { timeoutSeconds: 15, maxBodyBytes: 64 * 1024 * 1024 };

/** Makes a client. Throws CliError 65 when the CA file cannot be used. */
export async function makeHttpClient(options: HttpClientOptions = {}): Promise<HttpClient> {
  const { caFile, resolve = [], timeoutSeconds, maxBodyBytes, credentials } = { ...defaults, ...options };
  const secureContext = caFile === undefined ? undefined : await trusting(caFile);
  const agents = {
    "http:": new HttpAgent({ keepAlive: true }),
    "https:": new HttpsAgent({ keepAlive: true, ...(secureContext && { secureContext }) }),
  };
  const certificates = new Map<string, string>();
  return {
    addressFor: (host, port) => mappedAddress(resolve, host, port) ?? host,
    dialling(url) {
      const { protocol, host, port } = parseUrl(url);
      const mapped = mappedAddress(resolve, host, port);
      return {
        agent: agents[protocol],
        ...(mapped !== undefined && { lookup: leadingTo(mapped) }),
        ...(credentials && { headers: credentials.headersFor(url) }),
      };
    },
    async fetch(url, { method = "GET", headers: asked = {}, body, signal, isStranger = false } = {}) {
      const headers = { ...(isStranger ? {} : credentials?.headersFor(url)), ...asked };
      const target = parseUrl(url);
      const ask = (limited: AbortSignal) => {
        const agent = agents[target.protocol];
        const sent = { ...addressOf(target, resolve), method, headers, agent, signal: limited };
        return told(method, url, () => send(sent, target, maxBodyBytes, body));
      };
      try {
        const answer = await withinSeconds(timeoutSeconds, signal, ask);
        credentials?.learn(url, answer.headers);
        // A session that is taken up again shows no certificate.
        const until = answer.certificateUntil ?? certificates.get(target.authority);
        if (until === undefined) return answer;
        certificates.set(target.authority, until);
        return { ...answer, certificateUntil: until };
      } catch (error) {
        if (signal?.aborted) throw error;
        throw connectionError(url, isTimeout(error) ? `no answer within ${timeoutSeconds} s` : error, caFile);
      }
    },
    close: () => Object.values(agents).forEach((agent) => void agent.destroy()),
  };
}

/** One GET over a connection of its own. */
export async function get(url: string, options: HttpClientOptions & HttpRequest = {}): Promise<HttpResponse> {
  const client = await makeHttpClient(options);
  try {
    return await client.fetch(url, options);
  } finally {
    client.close();
  }
}

interface Target {
  readonly protocol: "http:" | "https:";
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Name and port as the Host header has them. */
  readonly authority: string;
}

function parseUrl(url: string): Target {
  const parts = /^https?:\/\/[^/?#]+([^#]*)/i.exec(url);
  if (!parts || !URL.canParse(url)) throw new CliError(ExitCode.usage, `${url} is not an http or https address`);
  const { protocol, hostname, port, host } = new URL(url);
  const path = parts[1]?.startsWith("/") ? parts[1] : `/${parts[1] ?? ""}`;
  return {
    protocol: protocol as Target["protocol"],
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || (protocol === "https:" ? 443 : 80)),
    path,
    authority: host,
  };
}

/** Where to connect, with the name kept for Host and for the certificate. */
function addressOf({ host, port, path }: Target, resolve: readonly Resolve[]): RequestOptions {
  const name = isIP(host) ? {} : { servername: host };
  return { host: mappedAddress(resolve, host, port) ?? host, port, path, ...name };
}

function send(
  options: RequestOptions,
  { protocol, authority }: Target,
  maxBodyBytes: number,
  content?: string,
): Promise<HttpResponse> {
  const length = content === undefined ? {} : { "content-length": `${Buffer.byteLength(content)}` };
  const headers = { host: authority, ...length, ...(options.headers as Record<string, string>) };
  return new Promise((resolve, reject) => {
    const outgoing = (protocol === "https:" ? requestTls : request)({ ...options, headers }, (incoming) => {
      const until = certificateOf(incoming);
      readBody(incoming, maxBodyBytes).then(
        (body) =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body,
            ...(until !== undefined && { certificateUntil: until }),
          }),
        reject,
      );
    });
    outgoing.on("error", reject).end(content);
  });
}

/** Until when the certificate is valid, as it says. */
const certificateOf = ({ socket }: IncomingMessage): string | undefined =>
  socket instanceof TLSSocket ? socket.getPeerCertificate().valid_to : undefined;

async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > maxBytes) throw new Error(`its answer is longer than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
