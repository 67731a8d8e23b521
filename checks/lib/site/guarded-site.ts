import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlainOwncast, startSettingsOwncast } from "../owncast/plain-owncast.ts";
import type { GoldenFront, GoldenFrontOptions } from "./front.ts";
import { startGoldenFront } from "./golden-front.ts";
import type { Front } from "./golden-site.ts";
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
  readonly front: GoldenFront;
  /** The folder of its files. */
  readonly folder: string;
  /** The address for connections to it. */
  readonly target: RawTarget;
  /** Its origin, as browsers send it: scheme, name and port. */
  readonly origin: string;
  /** Its certificate authority. */
  readonly caFile: string;
  ask(path: string, request?: GuardedRequest): Promise<RawAnswer>;
  stop(): Promise<void>;
}

/** The header with every fresh Owncast's password. */
export const password = `Basic ${Buffer.from("admin:abc123").toString("base64")}`;

/** Starts the site of the host `one` before an Owncast without an encoder, with its admin page open to loopback. */
export async function startGuardedSite(
  front: Front = "caddy",
  texts: GoldenFrontOptions["texts"] = {},
): Promise<GuardedSite> {
  const owncast = await startSettingsOwncast();
  const choice = { front, host: "one", site: "one.test", admins: "127.0.0.0/8", texts };
  const site = await guardSite(owncast, choice).catch(async (error) => {
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

/** A host's site for an Owncast, and what replaces its host's places. */
export interface SiteChoice extends Pick<GoldenFrontOptions, "places" | "texts" | "admins"> {
  readonly front: Front;
  readonly host: string;
  readonly site: string;
}

/** Puts a host's site before an Owncast. Owncast runs on when the site stops. */
export async function guardSite(
  owncast: PlainOwncast,
  { front: name, host, site, places, ...more }: SiteChoice,
): Promise<GuardedSite> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-guarded-"));
  const stop = async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const upstream = { "127.0.0.1:8080": new URL(owncast.url).host };
    const options = { ...more, folder, sites: [site], places: { ...upstream, ...places } };
    const front = await startGoldenFront(name, host, options);
    const target = { port: front.ports.https, site };
    const origin = `https://${site}:${front.ports.https}`;
    return {
      ...{ owncast, front, target, origin, folder, caFile: front.caFile },
      ask(path, { method = "GET", headers = {}, body = [] } = {}) {
        const lines = Object.entries({ host: new URL(origin).host, ...headers });
        const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
        return rawRequest(target, withHead(head, body));
      },
      async stop() {
        await front.stop();
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
