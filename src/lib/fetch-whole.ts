import { told } from "./requests.ts";
import { withinSeconds } from "./time-limit.ts";

/** One request. `seconds` limits all of it, the body included. */
export interface WholeRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE" | "OPTIONS";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | FormData | Uint8Array;
  readonly seconds: number;
  readonly signal?: AbortSignal | undefined;
  /** A longer body is an error; 64 MiB if left out. */
  readonly maxBytes?: number;
}

/** A response with any status, and all of its body. */
export interface WholeResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Many times the longest response of any Owncast, and it still fits into memory. */
const defaultMaxBytes = 64 * 1024 * 1024;

/**
 * Makes one request and reads the whole response. Redirects are not followed. Rejects with what `fetch` throws, with a
 * TimeoutError after `seconds`, with the signal's reason, and if the body is too long.
 */
export const fetchWhole = (address: URL | string, request: WholeRequest): Promise<WholeResponse> => {
  const { seconds, signal: outer, maxBytes = defaultMaxBytes, ...init } = request;
  return told(init.method, address, () =>
    withinSeconds(seconds, outer, async (signal) => {
      const response = await fetch(address, { ...init, redirect: "manual", signal });
      const { status, headers } = response;
      return { status, headers, body: await readBody(response, signal, maxBytes) };
    }),
  );
};

/** Listens to the signal itself: after the head of a response, the `fetch` of Node 20 may forget the signal that it got. */
async function readBody(response: Response, signal: AbortSignal, maxBytes: number): Promise<Buffer> {
  const reader = response.body?.getReader();
  if (!reader) return Buffer.alloc(0);
  // Closes the connection, which also ends a read that waits.
  const close = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", close, { once: true });
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return Buffer.concat(parts);
      length += value.length;
      if (length > maxBytes) throw new Error(`its response is longer than ${maxBytes} bytes`);
      parts.push(value);
    }
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}
