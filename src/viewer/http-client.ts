import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request,
} from "node:http";
import { Agent as HttpsAgent, request as requestTls } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { createSecureContext, rootCertificates, type SecureContext, TLSSocket } from "node:tls";
import { connectionError } from "../lib/connection-error.ts";
import { codeOf, isTimeout, reasonOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { told } from "../lib/requests.ts";
import { readSmallText } from "../lib/small-file.ts";
import { withinSeconds } from "../lib/time-limit.ts";
import type { ViewerCredentials } from "./viewer-credentials.ts";

/** Connect to `address` instead of the address of `host`, for one port. */
export interface Resolve {
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

/** Options for connections to servers. */
export interface HttpClientOptions {
  /** A PEM file with certificate authorities to trust besides the well-known ones. */
  readonly caFile?: string | undefined;
  readonly resolve?: readonly Resolve[] | undefined;
  /** For one request as a whole; 15 if left out. */
  readonly timeoutSeconds?: number;
  /** A longer body is an error; 64 MiB if left out. */
  readonly maxBodyBytes?: number;
  /** For a private stage. */
  readonly credentials?: ViewerCredentials | undefined;
  /** The address of this machine to connect from; the system chooses if left out. */
  readonly localAddress?: string | undefined;
}

/** One request. The client adds only Host, Connection and Content-Length: no Accept-Encoding unless it is given. */
export interface HttpRequest {
  readonly method?: "GET" | "HEAD" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Sends no credentials. */
  readonly isStranger?: boolean;
}

/** A response of any status. Redirects are not followed, bodies are not decompressed. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The end of the server's certificate, in the certificate's own words; only over TLS. */
  readonly certificateUntil?: string;
}

/** The options with which another client connects as this one does. */
export interface Dialling {
  readonly agent: HttpAgent;
  readonly lookup?: LookupFunction;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Keeps connections open between requests; `close` ends them. */
export interface HttpClient {
  /**
   * Sends a request. The path goes out as it is written (`/x/../y` stays). Throws CliError 69 without a usable response: no
   * server, an untrusted certificate, a time-out, too long a body.
   */
  fetch(url: string, request?: HttpRequest): Promise<HttpResponse>;
  /** The address to connect to for a host and port: another one only by `resolve`. */
  addressFor(host: string, port: number): string;
  /** The options for a websocket to `url` (http or https). */
  dialling(url: string): Dialling;
  close(): void;
}

const defaults = { timeoutSeconds: 15, maxBodyBytes: 64 * 1024 * 1024 };

/** Throws CliError 65 if the CA file cannot be used. */
export async function makeHttpClient(options: HttpClientOptions = {}): Promise<HttpClient> {
  const { caFile, resolve = [], timeoutSeconds, maxBodyBytes, credentials, localAddress } = { ...defaults, ...options };
  const from = localAddress === undefined ? {} : { localAddress };
  const secureContext = caFile === undefined ? undefined : await trusting(caFile);
  const agents = {
    "http:": new HttpAgent({ keepAlive: true, ...from }),
    "https:": new HttpsAgent({ keepAlive: true, ...from, ...(secureContext && { secureContext }) }),
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
        // A resumed TLS session shows no certificate.
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

/** The address to connect to; Host header and certificate keep the name. */
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
    // Node sends headers before a text in the text's encoding, and headers are bytes.
    outgoing.on("error", reject).end(content === undefined ? undefined : Buffer.from(content));
  });
}

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

/** The address that `resolve` gives for a host and port, if any. */
export const mappedAddress = (resolve: readonly Resolve[], host: string, port: number): string | undefined =>
  resolve.find((entry) => entry.host.toLowerCase() === host.toLowerCase() && entry.port === port)?.address;

/** Resolves every name to one address. */
const leadingTo =
  (address: string): LookupFunction =>
  (_host, options, done) =>
    options.all ? done(null, [{ address, family: isIP(address) }]) : done(null, address, isIP(address));

/** Trusts the authorities in a PEM file besides the well-known ones. Throws CliError 65 if it cannot be used. */
export async function trusting(caFile: string): Promise<SecureContext> {
  try {
    const certificates = await readSmallText(caFile);
    if (!certificates.includes("-----BEGIN CERTIFICATE-----")) throw new Error("it holds no PEM certificate");
    return createSecureContext({ ca: [...rootCertificates, certificates] });
  } catch (error) {
    throw new CliError(
      ExitCode.badInput,
      `${caFile}: cannot be used as a certificate authority (${codeOf(error) === "ENOENT" ? "no such file" : reasonOf(error)})`,
      "give --ca the PEM file of the authority's certificate",
    );
  }
}
