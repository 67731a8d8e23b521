import type { Asking } from "./load.ts";
import type { Server } from "./servers.ts";

/** One thing to measure: what is asked for, of whom, and how. */
export interface Cell extends Asking {
  readonly kind: "segment" | "playlist";
  readonly server: Server["name"];
}

export const protocols = ["HTTP/1.1", "HTTP/2"] as const;
export const encodings = ["identity", "gzip", "zstd"] as const;
export const kinds = ["segment", "playlist"] as const;

/** All cells; those to be compared with each other come one after the other. Owncast alone knows no HTTP/2. */
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

/** What browsers ask over, and what for: Safari takes gzip for video, Chrome and Firefox zstd too. */
export const browsers = [
  { protocol: "HTTP/2", encoding: "zstd" },
  { protocol: "HTTP/2", encoding: "gzip" },
] as const;

/** Whether a ratio that has a bar takes this cell. */
export const hasBar = ({ kind, protocol, encoding, server }: Cell): boolean =>
  browsers.some((browser) => browser.protocol === protocol && browser.encoding === encoding) &&
  ["lectern", "article", ...(kind === "segment" ? ["fileServer"] : [])].includes(server);

export const keyOf = ({ kind, protocol, encoding, server }: Cell): string =>
  [kind, protocol, encoding, server].join(" ");
