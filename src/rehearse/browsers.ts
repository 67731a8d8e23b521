import zlib from "node:zlib";

/** A browser as the server sees it. */
export interface Browser {
  readonly acceptEncoding: string;
  /** The number makes each viewer another one for Owncast, which tells viewers by address and program. */
  userAgent(viewer: number): string;
}

const named = (program: string) => (viewer: number) => `${program} lectern-rehearsal/${viewer}`;

/** What the three engines send over HTTPS. */
export const browsers: Readonly<Record<string, Browser>> = {
  chrome: {
    acceptEncoding: "gzip, deflate, br, zstd",
    userAgent: named(
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    ),
  },
  firefox: {
    acceptEncoding: "gzip, deflate, br, zstd",
    userAgent: named("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
  },
  safari: {
    acceptEncoding: "gzip, deflate, br",
    userAgent: named(
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    ),
  },
};

type Decode = (body: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

const decoders: Readonly<Record<string, Decode | undefined>> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  // Node has it from 22.15 on.
  zstd: (zlib as unknown as { zstdDecompressSync?: Decode }).zstdDecompressSync,
};

/** The encodings that this program can read, for a response that it must read. A browser's header without the others. */
export const readable = (acceptEncoding: string): string =>
  acceptEncoding
    .split(", ")
    .filter((name) => decoders[name] !== undefined)
    .join(", ");

/** A compressed body as it was before. Throws if it is longer than `maxBytes` then, or broken, or in an encoding that it does not know. */
export function decoded(body: Buffer, encoding: string | undefined, maxBytes: number): Buffer {
  if (encoding === undefined || encoding === "identity") return body;
  const decode = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (!decode)
    throw new Error(`the server compresses with ${JSON.stringify(encoding.slice(0, 20))} without being asked`);
  return decode(body, { maxOutputLength: maxBytes });
}
