import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** The target of a raw request. */
export interface RawTarget {
  readonly port: number;
  /** Name for TLS. Default: no TLS. Any certificate is accepted. */
  readonly site?: string;
}

/** The head of a response. Header names are in lower case, each with all its values. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/**
 * Sends a request's bytes unchanged, which no HTTP client does, and resolves to the head of the response. It sends no more
 * bytes after that. Rejects if no response comes within `patienceSeconds`, or if the connection ends without one.
 */
export async function rawRequest(
  target: RawTarget,
  parts: Iterable<string | Buffer>,
  patienceSeconds = 60,
): Promise<RawAnswer> {
  const socket = dial(target);
  try {
    const answer = headOf(socket, patienceSeconds);
    let answered = false;
    const ends = answer
      .catch(() => {})
      .then(() => {
        answered = true;
      });
    for (const part of parts) {
      if (answered) break;
      if (!socket.write(part)) await Promise.race([once(socket, "drain").catch(() => {}), ends]);
    }
    return await answer;
  } finally {
    socket.destroy();
  }
}

/** A connection for any bytes. Its reader gets the errors. */
export function dial({ port, site }: RawTarget): Socket {
  const socket =
    site === undefined
      ? connectPlain(port, "127.0.0.1")
      : connectTls({ port, host: "127.0.0.1", servername: site, rejectUnauthorized: false });
  socket.on("error", () => {});
  return socket;
}

/** Resolves to the head of the next response on a connection. Rejects if none comes in time. */
function headOf(socket: Socket, patienceSeconds: number): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${patienceSeconds} s`)), patienceSeconds * 1000);
    let text = "";
    socket.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) return;
      clearTimeout(timer);
      resolve(parseHead(text.slice(0, end)));
    });
    socket.on("close", () => {
      clearTimeout(timer);
      reject(new Error(`the connection ended without an answer: ${text}`));
    });
  });
}

function parseHead(text: string): RawAnswer {
  const [first = "", ...lines] = text.split("\r\n");
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    headers[name] = [...(headers[name] ?? []), line.slice(colon + 1).trim()];
  }
  return { status: Number(first.split(" ")[1]), headers };
}
