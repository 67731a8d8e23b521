import { runCommand } from "../../tools/process/run-command.mjs";

/** The clients' protocol and encodings: they differ between browsers, and decide a server's work. */
export interface Asking {
  readonly protocol: "HTTP/1.1" | "HTTP/2";
  /** The accepted encodings besides plain bytes. Safari accepts gzip for video, Chrome and Firefox also zstd. */
  readonly encoding: "identity" | "gzip" | "zstd";
}

export interface Load extends Asking {
  readonly url: string;
  /** Total number of requests. Each connection has one at a time, like a player's. */
  readonly requests: number;
}

/** The result of a load, from the generator's counters. */
export interface LoadResult {
  readonly seconds: number;
  /** Bytes of the bodies as sent, compressed or not. */
  readonly bodyBytes: number;
}

const connections = 32;
const idleSeconds = 20;

/** Loads a server with h2load, and resolves at its end. Throws unless every response was 200 in the wanted protocol. */
export async function putLoad(load: Load, signal: AbortSignal): Promise<LoadResult> {
  const { url, protocol, encoding, requests } = load;
  const flags = [`--requests=${requests}`, `--clients=${Math.min(connections, requests)}`];
  const output = await runCommand(
    process.env.H2LOAD ?? "h2load",
    [
      ...flags,
      `--connection-inactivity-timeout=${idleSeconds}`,
      ...(protocol === "HTTP/1.1" ? ["--h1"] : []),
      ...(encoding === "identity" ? [] : [`--header=accept-encoding: ${encoding}`]),
      url,
    ],
    { signal },
  );
  return readResult(output, load);
}

/** Reads h2load's final output. If a request failed, throws an Error with the output. */
export function readResult(output: string, { url, protocol, requests }: Load): LoadResult {
  const counted = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? Number.NaN);
  const seconds = secondsOf(/^finished in ([\d.]+)(us|ms|s|m)\b/m.exec(output));
  const bodyBytes = counted(/^traffic: .*\((\d+)\) data$/m);
  const spoken = /^Application protocol: (\S+)$/m.exec(output)?.[1] ?? "http/1.1";
  const isWell =
    counted(/^requests: .* (\d+) succeeded,/m) === requests &&
    counted(/^status codes: (\d+) 2xx,/m) === requests &&
    spoken === (protocol === "HTTP/2" ? "h2" : "http/1.1") &&
    seconds > 0 &&
    bodyBytes > 0;
  if (!isWell) throw new Error(`${url}: not all of ${requests} requests over ${protocol} succeeded:\n${output}`);
  return { seconds, bodyBytes };
}

const unitSeconds = { us: 1e-6, ms: 1e-3, s: 1, m: 60 };

const secondsOf = (match: RegExpExecArray | null): number =>
  Number(match?.[1] ?? Number.NaN) * unitSeconds[(match?.[2] ?? "s") as keyof typeof unitSeconds];
