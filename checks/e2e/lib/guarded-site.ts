import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { caFile } from "../../../cli/demo/caddy.ts";
import { type GoldenCaddy, startGoldenCaddy } from "./golden-caddy.ts";
import { type PlainOwncast, startPlainOwncast } from "./plain-owncast.ts";
import { type RawAnswer, type RawTarget, rawRequest } from "./raw-request.ts";

/** A request whose every byte is said, but for its Host. */
export interface GuardedRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Iterable<Buffer>;
}

/** The site of the host `one` before a fresh Owncast, with its admin page open to loopback. */
export interface GuardedSite {
  readonly owncast: PlainOwncast;
  readonly caddy: GoldenCaddy;
  /** Where connections to it lead. */
  readonly target: RawTarget;
  /** As browsers write it: scheme, name and port. */
  readonly origin: string;
  /** The certificate authority of its Caddy. */
  readonly caFile: string;
  ask(path: string, request?: GuardedRequest): Promise<RawAnswer>;
  stop(): Promise<void>;
}

/** The header with the password that every fresh Owncast has. */
export const password = `Basic ${Buffer.from("admin:abc123").toString("base64")}`;

/** Starts it. `places` are texts of the Caddyfile and what stands in their place. */
export async function startGuardedSite(places: Readonly<Record<string, string>> = {}): Promise<GuardedSite> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-guarded-"));
  const owncast = await startPlainOwncast();
  const site = "one.test";
  const stop = async () => {
    await owncast.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const open = { "127.0.0.1:8080": new URL(owncast.url).host, "255.255.255.255/32": "127.0.0.0/8" };
    const caddy = await startGoldenCaddy("one", { folder, sites: [site], places: { ...open, ...places } });
    const target = { port: caddy.ports.https, site };
    const origin = `https://${site}:${caddy.ports.https}`;
    return {
      ...{ owncast, caddy, target, origin, caFile: caFile(join(folder, "storage")) },
      ask(path, { method = "GET", headers = {}, body = [] } = {}) {
        const lines = Object.entries({ host: new URL(origin).host, ...headers });
        const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
        return rawRequest(target, withHead(head, body));
      },
      async stop() {
        await caddy.stop();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function* withHead(head: string, body: Iterable<Buffer>): Iterable<string | Buffer> {
  yield head;
  yield* body;
}
