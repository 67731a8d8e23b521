import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { type IncomingMessage, request as plainRequest, type RequestOptions } from "node:http";
import { request as secureRequest } from "node:https";
import type { LookupFunction } from "node:net";
import type { SecureContext } from "node:tls";
import { reasonOf } from "../../lib/error-cause.ts";

/** The result of asking an edge once. */
export interface CheckResult {
  /** Why the edge does not live; undefined if it does. */
  readonly fault: string | undefined;
}

// The answer is one line.
const mostBytes = 4096;
// How long an address from DNS is used before it is looked up again.
const addressMs = 30_000;

/**
 * Looks a host name up at most once at a time, and uses the last good addresses meanwhile. A name server that hangs must neither
 * fill the process with waiting look-ups nor make all edges look dead.
 */
export class HostAddresses {
  readonly #lookUp: (host: string) => Promise<LookupAddress[]>;
  readonly #nowMs: () => number;
  #asking: Promise<LookupAddress[]> | undefined;
  #known: LookupAddress[] | undefined;
  #knownMs = 0;

  constructor(
    lookUp: (host: string) => Promise<LookupAddress[]> = (host) => systemLookup(host, { all: true }),
    nowMs: () => number = () => performance.now(),
  ) {
    this.#lookUp = lookUp;
    this.#nowMs = nowMs;
  }

  /** The addresses of the host; rejects only if none was ever found. */
  async of(host: string): Promise<LookupAddress[]> {
    if (!this.#known || this.#nowMs() - this.#knownMs > addressMs) this.#ask(host);
    return this.#known ?? (await this.#asking) ?? [];
  }

  #ask(host: string): void {
    if (this.#asking) return;
    this.#asking = this.#lookUp(host)
      .then((found) => {
        this.#known = found;
        this.#knownMs = this.#nowMs();
        return found;
      })
      .finally(() => {
        this.#asking = undefined;
      });
    this.#asking.catch(() => {});
  }

  /** For `lookup` of a request. */
  readonly lookup: LookupFunction = (host, { all }, callback) => {
    this.of(host).then(
      (found) => {
        const [first] = found;
        if (all) callback(null, found);
        else if (first) callback(null, first.address, first.family);
        else callback(Object.assign(new Error(`no address of ${host}`), { code: "ENOTFOUND" }), "", 0);
      },
      (error: NodeJS.ErrnoException) => callback(error, "", 0),
    );
  };
}

/**
 * Asks an edge whether it lives: one GET over a new connection, all of it within `withinMs`. Never rejects. A new connection
 * each time, because an edge that accepts none is as good as dead for viewers. `secureContext`: whom to trust; the well-known
 * authorities if left out.
 */
export function checkEdge(
  address: URL,
  addresses: HostAddresses,
  withinMs: number,
  secureContext?: SecureContext,
): Promise<CheckResult> {
  return new Promise((resolve) => {
    const options: RequestOptions & { secureContext?: SecureContext } = {
      agent: false,
      ...(secureContext && { secureContext }),
      lookup: addresses.lookup,
      headers: { "User-Agent": "lectern-steer", Accept: "text/plain", "Accept-Encoding": "identity" },
    };
    const send = address.protocol === "https:" ? secureRequest : plainRequest;
    const sent = send(address, options);
    const end = (fault?: string): void => {
      clearTimeout(timer);
      resolve({ fault });
      sent.destroy();
    };
    const timer = setTimeout(() => end(`no response within ${withinMs / 1000} s`), withinMs);
    sent.on("error", (error) => end(reasonOf(error)));
    sent.on("response", (response: IncomingMessage) => {
      if (response.statusCode !== 200) return end(`status ${response.statusCode}`);
      let bytes = 0;
      response.on("error", (error) => end(reasonOf(error)));
      response.on("data", (part: Buffer) => {
        bytes += part.length;
        if (bytes > mostBytes) end();
      });
      response.on("end", () => end());
      response.on("aborted", () => end("the connection broke"));
    });
    sent.end();
  });
}
