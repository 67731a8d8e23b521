import type { Asking } from "./load.ts";
import type { Server } from "./servers.ts";

/** One measurement: the requested resource, the server, the protocol and the encoding. */
export interface Cell extends Asking {
  readonly kind: "segment" | "playlist";
  readonly server: Server["name"];
}

export const protocols = ["HTTP/1.1", "HTTP/2"] as const;
export const encodings = ["identity", "gzip", "zstd"] as const;
export const kinds = ["segment", "playlist"] as const;

/** All cells. Compared cells come close after each other. Plain Owncast does not speak HTTP/2. */
export const cellsOf = (servers: readonly Server["name"][]): Cell[] =>
  kinds.flatMap((kind) =>
    protocols.flatMap((protocol) =>
      encodings.flatMap((encoding) =>
        servers
          .filter((server) => server !== "owncast" || protocol === "HTTP/1.1")
          .map((server) => ({ kind, protocol, encoding, server })),
      ),
    ),
  );

/** The browsers' protocols and encodings: Safari accepts gzip for video, Chrome and Firefox also zstd. */
export const browsers = [
  { protocol: "HTTP/2", encoding: "zstd" },
  { protocol: "HTTP/2", encoding: "gzip" },
] as const;

const compared: Readonly<Record<Cell["kind"], readonly Server["name"][]>> = {
  segment: ["lectern", "article", "fileServer", "lecternNginx", "nginx"],
  playlist: ["lectern", "article", "lecternNginx"],
};

/** Whether a ratio with a bar uses this cell. */
export const hasBar = ({ kind, protocol, encoding, server }: Cell): boolean =>
  browsers.some((browser) => browser.protocol === protocol && browser.encoding === encoding) &&
  compared[kind].includes(server);

export const keyOf = ({ kind, protocol, encoding, server }: Cell): string =>
  [kind, protocol, encoding, server].join(" ");
