import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Part } from "../../../src/local/part.ts";
import { type HttpResponse, makeHttpClient } from "../../../src/viewer/http-client.ts";
import { deadPort } from "../process/bound-socket.ts";
import type { Front } from "./golden-site.ts";

/** Caddy or nginx with the configuration that NixOS writes for a host, on loopback. */
export interface GoldenFront {
  readonly front: Front;
  /** Its main process. */
  readonly server: Part;
  /** Sends a request to one of its sites, over HTTPS. */
  get(site: string, path: string, headers?: Readonly<Record<string, string>>): Promise<HttpResponse>;
  /** Ports on loopback: the sites, plain http (with Caddy if `redirects` is set), and each stage's admin site. */
  readonly ports: { readonly https: number; readonly http: number; readonly admin: readonly number[] };
  /** The certificate authority of its sites. */
  readonly caFile: string;
  /** The file of an access log: of the stage's own site, its admin site or its aliases. */
  accessLog(stage: string, site?: "" | "-admin" | "-aliases"): string;
  /** The file that has all that it prints. */
  readonly logFile: string;
  /** The reload command of a host's unit. It ends when the front no longer answers by its earlier configuration. */
  readonly reload: readonly string[];
  stop(): Promise<void>;
}

export interface GoldenFrontOptions {
  /** The test's own folder. The host's folders are in it; see `cacheIn`. */
  readonly folder: string;
  /** The names to send requests to. */
  readonly sites: readonly string[];
  /** What replaces a host's addresses, names, folders, sockets and networks, by their text in the configuration of either front. */
  readonly places?: Readonly<Record<string, string>>;
  /** The same for texts that only one front's configuration has. */
  readonly texts?: Partial<Readonly<Record<Front, Readonly<Record<string, string>>>>>;
  /** A network that may use the admin page, on a host that allows none. */
  readonly admins?: string;
  /** Whether Caddy redirects plain http to https, as on a host. nginx always does. */
  readonly redirects?: boolean;
}

/** What replaces the host's /var/cache/lectern in a test's folder. */
export const cacheIn = (folder: string): string => join(folder, "cache");

/** What replaces the folder of the host's access logs. */
export const logsIn = (folder: string): string => join(folder, "log");

/** Leads all upstreams but `kept` to no server: on this machine another program may listen on the port of a host's Owncast. */
export const withoutUpstreams = (text: string, upstream: RegExp, kept: readonly string[]): string =>
  text.replaceAll(upstream, (address) => (kept.includes(address) ? address : `127.0.0.1:${deadPort()}`));

/** The part of a front that is the same for all: requests over HTTPS. Resolves when the first site has answered anything. */
export async function clientOf(
  server: Part,
  { caFile, port, sites }: { readonly caFile: string; readonly port: number; readonly sites: readonly string[] },
): Promise<Pick<GoldenFront, "get"> & { close(): void }> {
  await until(server, () => existsSync(caFile));
  const resolve = sites.map((host) => ({ host, port, address: "127.0.0.1" }));
  const client = await makeHttpClient({ caFile, resolve });
  const get: GoldenFront["get"] = (site, path, headers = {}) =>
    client.fetch(`https://${site}:${port}${path}`, { headers });
  const [first = ""] = sites;
  await until(server, () =>
    get(first, "/").then(
      () => true,
      () => false,
    ),
  );
  return { get, close: () => client.close() };
}

/** Rejects if the server ends, or after half a minute. */
async function until({ died, name }: Part, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const trying = async () => {
    for (let tries = 0; !(await isSo()); tries++) {
      if (tries > 600) throw new Error(`${name} does not answer`);
      await sleep(50);
    }
  };
  await Promise.race([trying(), died]);
}
