import { readFile } from "node:fs/promises";
import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request,
} from "node:http";
import { Agent as HttpsAgent, request as requestTls } from "node:https";
import { isIP } from "node:net";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { CliError, ExitCode } from "../errors.ts";
import { told } from "../requests.ts";
import { connectionError } from "./connection-error.ts";

/** Connect to `address` instead of what the name `host` resolves to, for one port. */
export interface Resolve {
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

/** How to reach servers. */
export interface HttpClientOptions {
  /** A PEM file with certificate authorities to trust besides the well-known ones. */
  readonly caFile?: string | undefined;
  readonly resolve?: readonly Resolve[] | undefined;
  /** For the whole of one request; 15 when left out. */
  readonly timeoutSeconds?: number;
  /** A longer answer is an error; 64 MiB when left out. */
  readonly maxBodyBytes?: number;
}

/** One request. Nothing is sent that is not named here, besides Host and Connection; so no Accept-Encoding unless given. */
export interface HttpRequest {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** An answer, whatever its status; redirects are not followed and bodies not decompressed. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Keeps connections open between requests; `close` ends them. */
export interface HttpClient {
  /**
   * Asks for an address; its path is sent as written (`/x/../y` stays). Throws CliError 69 when there is no answer:
   * nobody there, no trust in the certificate, too slow, too long.
   */
  fetch(url: string, request?: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

const defaults = { timeoutSeconds: 15, maxBodyBytes: 64 * 1024 * 1024 };

/** Makes a client. Throws CliError 65 when the CA file cannot be used. */
export async function makeHttpClient(options: HttpClientOptions = {}): Promise<HttpClient> {
  const { caFile, resolve = [], timeoutSeconds, maxBodyBytes } = { ...defaults, ...options };
  const secureContext = caFile === undefined ? undefined : await trusting(caFile);
  const agents = {
    "http:": new HttpAgent({ keepAlive: true }),
    "https:": new HttpsAgent({ keepAlive: true, ...(secureContext && { secureContext }) }),
  };
  return {
    async fetch(url, { method = "GET", headers = {}, signal } = {}) {
      const target = parseUrl(url);
      const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
      const both = signal ? AbortSignal.any([signal, timeout]) : timeout;
      try {
        const agent = agents[target.protocol];
        const options = { ...addressOf(target, resolve), method, headers, agent, signal: both };
        return await told(method, url, () => send(options, target, maxBodyBytes));
      } catch (error) {
        if (signal?.aborted) throw error;
        throw connectionError(url, timeout.aborted ? `no answer within ${timeoutSeconds} s` : (error as Error), caFile);
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
  const mapped = resolve.find((entry) => entry.host.toLowerCase() === host && entry.port === port);
  const name = isIP(host) ? {} : { servername: host };
  return { host: mapped?.address ?? host, port, path, ...name };
}

function send(options: RequestOptions, { protocol, authority }: Target, maxBodyBytes: number): Promise<HttpResponse> {
  const headers = { host: authority, ...(options.headers as Record<string, string>) };
  return new Promise((resolve, reject) => {
    const outgoing = (protocol === "https:" ? requestTls : request)({ ...options, headers }, (incoming) => {
      readBody(incoming, maxBodyBytes).then(
        (body) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }),
        reject,
      );
    });
    outgoing.on("error", reject).end();
  });
}

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

async function trusting(caFile: string): Promise<SecureContext> {
  try {
    const certificates = await readFile(caFile, "utf8");
    if (!certificates.includes("-----BEGIN CERTIFICATE-----")) throw new Error("it holds no PEM certificate");
    return createSecureContext({ ca: [...rootCertificates, certificates] });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError(
      ExitCode.badInput,
      `${caFile}: cannot be used as a certificate authority (${code === "ENOENT" ? "no such file" : message})`,
      "give --ca the PEM file of the authority's certificate",
    );
  }
}
