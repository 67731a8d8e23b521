import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as zlib from "node:zlib";
import type { HttpClient } from "../../src/viewer/http-client.ts";
import type { Cell } from "./cells.ts";
import type { Server } from "./servers.ts";

/** The expected form of each response to a load. */
export interface Expected {
  readonly path: string;
  /** Length of the body as sent. */
  readonly sentBytes: number;
  readonly plainBytes: number;
}

// The types are those of Lectern's oldest Node. Benchmarks run on a later one.
const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync(body: Buffer): Buffer };
const decoders = {
  identity: (body: Buffer) => body,
  gzip: (body: Buffer) => zlib.gunzipSync(body),
  zstd: zstdDecompressSync,
};

/**
 * Requests the newest whole segment or the playlist once, like the clients of a cell. Throws if the response is wrong: it must
 * have exactly the segment's bytes, and be compressed only if the server compresses video.
 */
export async function look(
  client: HttpClient,
  server: Server,
  { kind, encoding }: Cell,
  hlsDir: string,
): Promise<Expected> {
  const path = kind === "playlist" ? "/hls/0/stream.m3u8" : `/hls/0/${newestWhole(hlsDir)}`;
  const url = `${server.origin}${path}`;
  const { status, headers, body } = await client.fetch(url, {
    headers: encoding === "identity" ? {} : { "accept-encoding": encoding },
  });
  const sent = (headers["content-encoding"] ?? "identity") as keyof typeof decoders;
  if (status !== 200) throw new Error(`${url} answers ${status}`);
  if (![encoding, "identity"].includes(sent))
    throw new Error(`${url} sends ${sent} to a client that accepts ${encoding}`);
  const plain = decoders[sent](body);
  if (kind === "segment") {
    if (!plain.equals(readFileSync(join(hlsDir, "..", path)))) throw new Error(`${url} is not the segment on disk`);
    if ((sent !== "identity") !== (server.compressesVideo && encoding !== "identity"))
      throw new Error(
        `${server.title} sends a segment in ${sent} to a client that accepts ${encoding}; the benchmark expects another encoding`,
      );
  }
  return { path, sentBytes: body.length, plainBytes: plain.length };
}

/** The last listed segment: Owncast no longer writes to it. */
const newestWhole = (hlsDir: string): string =>
  readFileSync(join(hlsDir, "0/stream.m3u8"), "utf8")
    .match(/^stream-.+\.ts$/gm)
    ?.at(-1) ?? "none.ts";
