import { connect, constants, type SecureClientSessionOptions } from "node:http2";

/** A viewer's connection: HTTP/2 over TLS, kept open. */
export interface Connection {
  /** Rejects unless the response has status 200. The body's text comes only with `text`. */
  ask(path: string, request?: Asked): Promise<{ readonly bytes: number; readonly text: string }>;
  close(): void;
}

interface Asked {
  /** Sent as JSON by POST. */
  readonly json?: unknown;
  /** Keeps the body. */
  readonly text?: boolean;
  /** Asks as another viewer. */
  readonly viewer?: string;
}

const patienceMs = 30_000;

/**
 * Opens one. `viewer` becomes a part of its program's name, by which Owncast and the keeper tell viewers apart. `way` changes how it
 * connects, such as its `localAddress`.
 */
export function openConnection(
  origin: string,
  ca: Buffer,
  viewer: string,
  way: SecureClientSessionOptions & { readonly localAddress?: string } = {},
): Connection {
  const session = connect(origin, { ...way, ca, settings: { initialWindowSize: 2 ** 20, enablePush: false } });
  // Each request reports the failure of its connection.
  session.on("error", () => {});
  const headersOf = (name: string) => ({ "user-agent": `lectern-bench ${name}`, "accept-encoding": "gzip, zstd" });
  return {
    close: () => session.destroy(),
    ask: (path, { json, text = false, viewer: name = viewer } = {}) =>
      new Promise((resolve, reject) => {
        const body = json === undefined ? undefined : JSON.stringify(json);
        const method = body === undefined ? "GET" : "POST";
        const type = body === undefined ? {} : { "content-type": "application/json" };
        const stream = session.request({ ...headersOf(name), ...type, ":method": method, ":path": path });
        let [bytes, status, kept] = [0, 0, ""];
        stream.setTimeout(patienceMs, () => stream.close(constants.NGHTTP2_CANCEL));
        stream.on("response", (received) => {
          status = Number(received[":status"]);
        });
        if (text) stream.setEncoding("utf8");
        stream.on("data", (chunk: Buffer | string) => {
          bytes += chunk.length;
          if (text) kept += chunk;
        });
        stream.on("error", reject);
        stream.on("close", () =>
          status === 200 && stream.rstCode === 0
            ? resolve({ bytes, text: kept })
            : reject(new Error(`${path} answers ${status} (${stream.rstCode})`)),
        );
        stream.end(body);
      }),
  };
}
