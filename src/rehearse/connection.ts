import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from "node:http2";
import { isIP } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import { connectionReason } from "../lib/connection-error.ts";
import { codeOf } from "../lib/error-cause.ts";
import { mappedAddress, type Resolve } from "../viewer/http-client.ts";

/** Where a crowd connects to. */
export interface Place {
  /** `https://host[:port]` */
  readonly origin: string;
  readonly resolve: readonly Resolve[];
  /** For an authority besides the well-known ones. */
  readonly secureContext?: SecureContext | undefined;
}

/** One request of a viewer. */
export interface Ask {
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Keep the body, up to so many bytes; a longer one is an error. If left out, it is counted and dropped. */
  readonly keepBytes?: number;
  /** How long the whole response may take; 45 s if left out. */
  readonly withinMs?: number;
}

/** A response of any status, received whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
  /** Empty unless the request kept it. */
  readonly body: Buffer;
  /** From the request to the response's headers, and to its last byte. Includes a connection that the request had to wait for. */
  readonly firstByteMs: number;
  readonly ms: number;
}

/** No whole response. The message is short and the same for all failures of one kind, so that they can be counted. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

// Chrome's: large enough that a far viewer's download does not wait for the window.
const streamWindowBytes = 6 * 1024 * 1024;
const connectionWindowBytes = 15 * 1024 * 1024;
const settings = { enablePush: false, initialWindowSize: streamWindowBytes, headerTableSize: 65_536 };
// video.js gives a request up after this.
const requestMs = 45_000;
const connectMs = 15_000;
// Far more than a segment of 10 s at 50 Mbit/s.
const maxDroppedBytes = 256 * 1024 * 1024;

/** What happens on a connection besides responses. */
export interface ConnectionEvents {
  /** A new connection is ready, so many ms after it was begun. */
  onConnected(ms: number, localAddress: string): void;
  onBytes(count: number): void;
}

interface Pending {
  readonly untilMs: number;
  fail(reason: string): void;
}

/** One HTTP/2 connection over TLS, as a browser has one to a host. It connects at the first request, and again after a loss. */
export class Connection {
  readonly #place: Place;
  readonly #events: ConnectionEvents;
  readonly #pending = new Set<Pending>();
  #session: ClientHttp2Session | undefined;
  #connectingSinceMs: number | undefined;
  #closed = false;

  constructor(place: Place, events: ConnectionEvents) {
    this.#place = place;
    this.#events = events;
  }

  /** Sends a request and reads the whole response. Throws NoAnswer. */
  request(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new NoAnswer("the rehearsal ended"));
      const began = performance.now();
      const stream = this.#open(ask);
      if (!stream) return reject(new NoAnswer("the connection was closed"));
      let [status, headers, firstByteMs, bytes] = [0, {} as IncomingHttpHeaders, 0, 0];
      const kept: Buffer[] = [];
      const pending: Pending = {
        untilMs: began + (ask.withinMs ?? requestMs),
        fail: (reason) => {
          if (!this.#pending.delete(pending)) return;
          reject(new NoAnswer(reason));
          stream.close(constants.NGHTTP2_CANCEL);
        },
      };
      this.#pending.add(pending);
      const most = ask.keepBytes ?? maxDroppedBytes;
      stream.on("response", (received) => {
        firstByteMs = performance.now() - began;
        status = Number(received[":status"]);
        headers = received;
      });
      stream.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        this.#events.onBytes(chunk.length);
        if (bytes > most) pending.fail(`the response is longer than ${most} bytes`);
        else if (ask.keepBytes !== undefined) kept.push(chunk);
      });
      stream.on("error", (error) => pending.fail(reasonOf(error)));
      // A stream can close without an error and before its end: the server sent RST_STREAM with code 8 or 0, or GOAWAY.
      stream.on("close", () => pending.fail("the response was cut off"));
      stream.on("end", () => {
        if (stream.rstCode !== 0 || status === 0 || !this.#pending.delete(pending)) return;
        resolve({ status, headers, bytes, body: Buffer.concat(kept), firstByteMs, ms: performance.now() - began });
      });
      stream.end(ask.body);
    });
  }

  /** Gives up what takes too long; to be called about once a second. */
  expire(nowMs: number): void {
    if (this.#connectingSinceMs !== undefined && nowMs - this.#connectingSinceMs > connectMs) {
      this.#drop("no connection in time");
      return;
    }
    for (const pending of this.#pending) if (nowMs > pending.untilMs) pending.fail("no response in time");
  }

  /** Ends it at once. Requests without a response reject. */
  close(): void {
    this.#closed = true;
    this.#drop("the rehearsal ended");
  }

  #open({ path, method = "GET", headers, body }: Ask): ClientHttp2Stream | undefined {
    try {
      return this.#connected().request(
        {
          ":method": method,
          ":path": path,
          ...headers,
          ...(body !== undefined && { "content-length": `${Buffer.byteLength(body)}` }),
        },
        { endStream: body === undefined },
      );
    } catch {
      // The session got GOAWAY or its socket's end a moment ago; the next request connects again.
      this.#drop("the connection was closed");
      return undefined;
    }
  }

  #connected(): ClientHttp2Session {
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const began = performance.now();
    const session = connect(this.#place.origin, { settings, createConnection: () => dial(this.#place) });
    this.#session = session;
    this.#connectingSinceMs = began;
    session.once("connect", (_, socket) => {
      this.#connectingSinceMs = undefined;
      // Without ALPN, node:http2 speaks HTTP/2 to a server that does not know it.
      if ("alpnProtocol" in socket && socket.alpnProtocol !== "h2")
        return this.#drop("the server does not speak HTTP/2");
      // It may have been given up while it connected.
      if (session.destroyed) return;
      session.setLocalWindowSize(connectionWindowBytes);
      this.#events.onConnected(performance.now() - began, socket.localAddress ?? "");
    });
    session.on("error", (error) => this.#forget(session, reasonOf(error)));
    session.on("goaway", () => {
      if (this.#session === session) this.#session = undefined;
    });
    session.on("close", () => this.#forget(session, "the connection was closed"));
    return session;
  }

  #forget(session: ClientHttp2Session, reason: string): void {
    if (this.#session !== session) return;
    this.#drop(reason);
  }

  #drop(reason: string): void {
    const session = this.#session;
    this.#session = undefined;
    this.#connectingSinceMs = undefined;
    for (const pending of [...this.#pending]) pending.fail(reason);
    session?.destroy();
  }
}

function dial({ origin, resolve, secureContext }: Place) {
  const { hostname, port } = new URL(origin);
  const [host, portNumber] = [hostname.replace(/^\[|\]$/g, ""), Number(port || 443)];
  return connectTls({
    host: mappedAddress(resolve, host, portNumber) ?? host,
    port: portNumber,
    ALPNProtocols: ["h2"],
    ...(isIP(host) ? {} : { servername: host }),
    ...(secureContext && { secureContext }),
  }).setNoDelay(true);
}

const http2Reasons: Readonly<Record<string, string>> = {
  ERR_HTTP2_STREAM_ERROR: "the response was cut off",
  ERR_HTTP2_SESSION_ERROR: "the server closed the connection with an error",
  ERR_HTTP2_STREAM_CANCEL: "the connection was closed",
  ERR_HTTP2_GOAWAY_SESSION: "the connection was closed",
  ERR_HTTP2_ERROR: "the server broke the HTTP/2 protocol",
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: "the server does not speak HTTP/2",
  ECONNREFUSED: "the connection was refused",
  EMFILE: "this machine has no file descriptor left",
  ENFILE: "this machine has no file descriptor left",
  EADDRNOTAVAIL: "this machine has no port left",
  ENOBUFS: "this machine has no network memory left",
  ENOMEM: "this machine has no memory left",
};

/** Reasons that are this machine's fault begin with this. */
export const ownFault = "this machine has no ";

/** A reason without addresses and numbers, so that many viewers' failures count as one kind. */
const reasonOf = (error: unknown): string => http2Reasons[codeOf(error)] ?? connectionReason(error).slice(0, 120);
