import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../src/lib/free-port.ts";
import { findProgram } from "../../../src/lib/programs.ts";
import { caFile } from "../../../src/local/caddy.ts";
import { startPart } from "../../../src/local/part.ts";
import { type HttpResponse, makeHttpClient } from "../../../src/viewer/http-client.ts";
import { deadPort } from "../process/bound-socket.ts";
import { goldenSite } from "./golden-site.ts";

/** Caddy with NixOS's Caddyfile for a host, on loopback. */
export interface GoldenCaddy {
  /** Sends a request to one of its sites, over HTTPS. */
  get(site: string, path: string, headers?: Readonly<Record<string, string>>): Promise<HttpResponse>;
  /** Ports on loopback: the sites, plain http if `redirects` is set, and each stage's admin site. */
  readonly ports: { readonly https: number; readonly http: number; readonly admin: readonly number[] };
  /** The reload command of a host's unit. */
  readonly reload: readonly string[];
  stop(): Promise<void>;
}

/** The folders in a test's folder that replace a host's. */
export const placesIn = (folder: string) => ({
  "/var/log/caddy": join(folder, "log"),
  "/var/cache/lectern": join(folder, "cache"),
});

/** Caddy's environment: it keeps its files in a test's folder. */
export const caddyEnvironment = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  HOME: folder,
  XDG_DATA_HOME: folder,
  XDG_CONFIG_HOME: folder,
});

/** The same sites, with those for SSH tunnels on free ports. */
export async function moveAdminSites(text: string): Promise<{ text: string; ports: number[] }> {
  const found = [...text.matchAll(/^http:\/\/localhost:(\d+) http:\/\/127\.0\.0\.1:\1 \{$/gm)];
  const ports: number[] = [];
  let moved = text;
  for (const [address, from = ""] of found) {
    const port = await freePort();
    moved = moved.replace(address, address.replaceAll(`:${from}`, `:${port}`));
    ports.push(port);
  }
  return { text: moved, ports };
}

/**
 * Starts it for these sites, and waits for any response of the first one. `places` come on top of `placesIn`. Other upstreams
 * lead to no server: on this machine another program may listen on the port of a host's Owncast.
 */
export async function startGoldenCaddy(
  host: string,
  { folder, sites, places = {}, redirects = false }: GoldenCaddyOptions,
): Promise<GoldenCaddy> {
  const [https, http] = [await freePort(), await freePort()];
  const storage = join(folder, "storage");
  mkdirSync(storage, { recursive: true });
  const automatic = redirects ? "" : "\tauto_https disable_redirects\n";
  const control = `unix/${join(folder, "admin.sock")}`;
  const options = `\tadmin ${control}\n\tdefault_bind 127.0.0.1\n${automatic}\thttps_port ${https}\n\thttp_port ${http}\n\tstorage file_system "${storage}"\n`;
  const file = join(folder, "running.caddyfile");
  const moved = await moveAdminSites(goldenSite(host, { ...placesIn(folder), ...places }, options));
  const kept = [...Object.values(places), ...moved.ports.map((port) => `127.0.0.1:${port}`)];
  const admin = moved.ports;
  writeFileSync(file, withoutUpstreams(moved.text, kept));
  const logFile = join(folder, "caddy.log");
  const caddy = startPart([findProgram("caddy"), "run", "--config", file, "--adapter", "caddyfile"], {
    ...{ name: "Caddy", logFile, cwd: folder, env: caddyEnvironment(folder) },
  });
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    for (let tries = 0; !(await isSo()); tries++) {
      if (tries > 600) throw new Error(`Caddy does not answer: ${readFileSync(logFile, "utf8")}`);
      await sleep(50);
    }
  };
  await Promise.race([until(() => existsSync(caFile(storage))), caddy.died]);
  const resolve = sites.map((site) => ({ host: site, port: https, address: "127.0.0.1" }));
  const client = await makeHttpClient({ caFile: caFile(storage), resolve });
  const get: GoldenCaddy["get"] = (site, path, headers = {}) =>
    client.fetch(`https://${site}:${https}${path}`, { headers });
  const [first = ""] = sites;
  const answers = () =>
    get(first, "/").then(
      () => true,
      () => false,
    );
  await Promise.race([until(answers), caddy.died]);
  const config = ["--config", file, "--adapter", "caddyfile"];
  return {
    get,
    ports: { https, http, admin },
    reload: [...quiet, findProgram("caddy"), "reload", ...config, "--force", "--address", control],
    async stop() {
      client.close();
      await caddy.stop();
    },
  };
}

// Caddy logs each reload; only one that fails is of interest.
const quiet = ["sh", "-c", 'said=$("$@" 2>&1) || { printf "%s\\n" "$said" >&2; exit 1; }', "sh"];

// Skips addresses after a scheme: those are sites, not upstreams.
const withoutUpstreams = (site: string, kept: readonly string[]): string =>
  site.replaceAll(/(?<!\/)\b127\.0\.0\.1:\d+/g, (address) =>
    kept.includes(address) ? address : `127.0.0.1:${deadPort()}`,
  );

interface GoldenCaddyOptions {
  /** The test's own folder. */
  readonly folder: string;
  readonly sites: readonly string[];
  readonly places?: Readonly<Record<string, string>>;
  /** Whether plain http redirects to https, as on a host. */
  readonly redirects?: boolean;
}
