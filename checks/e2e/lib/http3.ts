import { named } from "../../systemd/lib/named.ts";
import type { Machine } from "./machine.ts";

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

/** Asks for addresses over one connection of HTTP/3 and nothing older, on the host. Rejects when one gets no answer. */
export async function askOverHttp3(host: Machine, urls: readonly string[], caFile: string): Promise<Http3Answer[]> {
  const command = [named("HTTP3_GET", "e2e"), "-ca", caFile, ...urls];
  const lines = await host.succeed(command.map((word) => `'${word}'`).join(" "));
  return lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Http3Answer);
}
