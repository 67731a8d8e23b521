import { readFileSync } from "node:fs";
import { named } from "../systemd/from-set-up.ts";

/** A response over HTTP/3, with the length and hash of its body. */
export interface Http3Answer {
  readonly url: string;
  /** `HTTP/3.0` */
  readonly protocol: string;
  readonly status: number;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A command that requests addresses of one site over one HTTP/3 connection, without a fallback. It fails if one gets no response. */
export const http3Command = (
  urls: readonly string[],
  { caFile, address }: { readonly caFile: string /** In place of where the name leads. */; readonly address?: string },
): string[] => [
  named("HTTP3_GET"),
  ...["-ca", caFile],
  ...(address === undefined ? [] : ["-address", address]),
  ...urls,
];

/** Reads the responses from the command's output. */
export const http3Answers = (printed: string): Http3Answer[] =>
  printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Http3Answer);

/** Whether a program of this network listens on a UDP port, on any address. */
export const listensOnUdp = (port: number): boolean =>
  ["udp", "udp6"].some((table) =>
    new RegExp(`^ *\\d+: [0-9A-F]+:${port.toString(16).toUpperCase().padStart(4, "0")} `, "m").test(
      readFileSync(`/proc/net/${table}`, "utf8"),
    ),
  );
