import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../src/lib/free-port.ts";
import { findProgram } from "../../../src/lib/programs.ts";
import { caFile } from "../../../src/local/caddy.ts";
import { startPart } from "../../../src/local/part.ts";
import { cacheIn, clientOf, type GoldenFront, type GoldenFrontOptions, logsIn, withoutUpstreams } from "./front.ts";
import { goldenSite } from "./golden-site.ts";

/** The folders in a test's folder that replace a host's. */
export const placesIn = (folder: string) => ({
  "/var/log/caddy": logsIn(folder),
  "/var/cache/lectern": cacheIn(folder),
});

/** Caddy's environment: it keeps its files in a test's folder. */
export const caddyEnvironment = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  HOME: folder,
  XDG_DATA_HOME: folder,
  XDG_CONFIG_HOME: folder,
});

// A network that nobody has. The Caddyfile needs one where no network is allowed.
const nobody = "255.255.255.255/32";

/** Starts Caddy with NixOS's Caddyfile for a host. */
export async function startGoldenCaddy(
  host: string,
  { folder, sites, places = {}, texts, admins, redirects = false }: GoldenFrontOptions,
): Promise<GoldenFront> {
  const [https, http] = [await freePort(), await freePort()];
  const storage = join(folder, "storage");
  mkdirSync(storage, { recursive: true });
  const automatic = redirects ? "" : "\tauto_https disable_redirects\n";
  const control = `unix/${join(folder, "admin.sock")}`;
  const options = `\tadmin ${control}\n\tdefault_bind 127.0.0.1\n${automatic}\thttps_port ${https}\n\thttp_port ${http}\n\tstorage file_system "${storage}"\n`;
  const file = join(folder, "running.caddyfile");
  const opened = admins === undefined ? {} : { [nobody]: admins };
  const changes = { ...placesIn(folder), ...opened, ...places, ...texts?.caddy };
  const moved = await moveAdminSites(goldenSite(host, changes, options));
  const kept = [...Object.values(places), ...moved.ports.map((port) => `127.0.0.1:${port}`)];
  writeFileSync(file, withoutUpstreams(moved.text, upstream, kept));
  const logFile = join(folder, "caddy.log");
  const caddy = startPart([findProgram("caddy"), "run", "--config", file, "--adapter", "caddyfile"], {
    ...{ name: "Caddy", logFile, cwd: folder, env: caddyEnvironment(folder) },
  });
  const client = await clientOf(caddy, { caFile: caFile(storage), port: https, sites });
  const config = ["--config", file, "--adapter", "caddyfile"];
  return {
    ...{
      front: "caddy",
      server: caddy,
      get: client.get,
      ports: { https, http, admin: moved.ports },
      caFile: caFile(storage),
      logFile,
    },
    accessLog: (stage, site = "") => join(logsIn(folder), `access-${stage}${site}.log`),
    reload: [...quiet, findProgram("caddy"), "reload", ...config, "--force", "--address", control],
    async stop() {
      client.close();
      await caddy.stop();
    },
  };
}

/** The same sites, with those for SSH tunnels on free ports. */
async function moveAdminSites(text: string): Promise<{ text: string; ports: number[] }> {
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

// After a scheme, it is the name of a site.
const upstream = /(?<!\/)\b127\.0\.0\.1:\d+/g;

// Caddy logs each reload; only one that fails is of interest.
const quiet = ["sh", "-c", 'said=$("$@" 2>&1) || { printf "%s\\n" "$said" >&2; exit 1; }', "sh"];
