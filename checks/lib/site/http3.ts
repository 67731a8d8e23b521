import { readFileSync } from "node:fs";
import { named } from "../systemd/from-set-up.ts";

/** What came back over HTTP/3; the body as its length and its hash. */
export interface Http3Answer {
  readonly url: string;
  /** `HTTP/3.0` */
  readonly protocol: string;
  readonly status: number;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What to run to ask for addresses of one site over one connection of HTTP/3, and nothing older. It fails when one gets no answer. */
export const http3Command = (
  urls: readonly string[],
  { caFile, address }: { readonly caFile: string /** In place of where the name leads. */; readonly address?: string },
): string[] => [
  named("HTTP3_GET"),
  ...["-ca", caFile],
  ...(address === undefined ? [] : ["-address", address]),
  ...urls,
];

/** The answers in what the command printed. */
export const http3Answers = (printed: string): Http3Answer[] =>
  printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Http3Answer);

/** Whether a program of this network listens on a port of UDP, on whatever address. */
export const listensOnUdp = (port: number): boolean =>
  ["udp", "udp6"].some((table) =>
    new RegExp(`^ *\\d+: [0-9A-F]+:${port.toString(16).toUpperCase().padStart(4, "0")} `, "m").test(
      readFileSync(`/proc/net/${table}`, "utf8"),
    ),
  );
