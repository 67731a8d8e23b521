import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { caFile } from "../../../src/local/caddy.ts";
import { type PlainOwncast, startSettingsOwncast } from "../owncast/plain-owncast.ts";
import { type GoldenCaddy, startGoldenCaddy } from "./golden-caddy.ts";
import { type RawAnswer, type RawTarget, rawRequest } from "./raw-request.ts";

/** A request byte by byte, without its Host. */
export interface GuardedRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Iterable<Buffer>;
}

/** The site of a host before a fresh Owncast. */
export interface GuardedSite {
  readonly owncast: PlainOwncast;
  readonly caddy: GoldenCaddy;
  /** The folder of its files; `placesIn` has the places. */
  readonly folder: string;
  /** The address for connections to it. */
  readonly target: RawTarget;
  /** Its origin, as browsers send it: scheme, name and port. */
  readonly origin: string;
  /** The certificate authority of its Caddy. */
  readonly caFile: string;
  ask(path: string, request?: GuardedRequest): Promise<RawAnswer>;
  stop(): Promise<void>;
}

/** The header with every fresh Owncast's password. */
export const password = `Basic ${Buffer.from("admin:abc123").toString("base64")}`;

/** Starts the site of the host `one` before an Owncast without an encoder, with its admin page open to loopback. `places` are those of `guardSite`. */
export async function startGuardedSite(places: Readonly<Record<string, string>> = {}): Promise<GuardedSite> {
  const owncast = await startSettingsOwncast();
  const open = { "255.255.255.255/32": "127.0.0.0/8", ...places };
  const site = await guardSite(owncast, { host: "one", site: "one.test", places: open }).catch(async (error) => {
    await owncast.stop();
    throw error;
  });
  return {
    ...site,
    async stop() {
      await site.stop();
      await owncast.stop();
    },
  };
}

/** A host's site for an Owncast, and replacements for texts of its Caddyfile. */
export interface SiteChoice {
  readonly host: string;
  readonly site: string;
  readonly places: Readonly<Record<string, string>>;
}

/** Puts a host's site before an Owncast. Owncast runs on when the site stops. */
export async function guardSite(owncast: PlainOwncast, { host, site, places }: SiteChoice): Promise<GuardedSite> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-guarded-"));
  const stop = async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const upstream = { "127.0.0.1:8080": new URL(owncast.url).host };
    const caddy = await startGoldenCaddy(host, { folder, sites: [site], places: { ...upstream, ...places } });
    const target = { port: caddy.ports.https, site };
    const origin = `https://${site}:${caddy.ports.https}`;
    return {
      ...{ owncast, caddy, target, origin, folder, caFile: caFile(join(folder, "storage")) },
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
