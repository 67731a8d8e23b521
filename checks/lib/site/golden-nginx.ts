import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../src/lib/free-port.ts";
import { startPart } from "../../../src/local/part.ts";
import { siteCertificates } from "../process/certificates.ts";
import { cacheIn, clientOf, type GoldenFront, type GoldenFrontOptions, logsIn, withoutUpstreams } from "./front.ts";
import { changed, goldenFile } from "./golden-site.ts";

/** The nginx of the set-up. */
export const nginxProgram = (): string => process.env.NGINX || "nginx";

/** Its environment: nginx itself reads the variable NGINX as a list of sockets. */
export const nginxEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, NGINX: undefined });

/** Directives for `http`: by itself, nginx keeps these folders outside of a test's. */
export const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
  .map((each) => `${each}_temp_path ${each};`)
  .join("\n");

/** Its ports on loopback. */
interface Ports {
  readonly https: number;
  readonly http: number;
  readonly admin: readonly number[];
}

/** Starts nginx with NixOS's nginx.conf for a host, or with another file of that host's golden folder. */
export async function startGoldenNginx(
  host: string,
  { folder, sites, places = {}, texts, admins }: GoldenFrontOptions,
  file = goldenFile("nginx", `${host}-nginx`),
): Promise<GoldenFront> {
  const golden = readFileSync(file, "utf8");
  const opened = admins === undefined ? golden : openAdmin(golden, admins, file);
  const { text, ports } = await moveSites(renamed(changed(opened, { ...places, ...texts?.nginx }, file), places));
  const kept = [...Object.values(places), ...ports.admin.map((port) => `127.0.0.1:${port}`)];
  const configuration = join(folder, "nginx.conf");
  writeFileSync(configuration, inFolder(withoutUpstreams(text, upstream, kept), folder));
  const logFile = join(folder, "nginx.log");
  const command = [nginxProgram(), "-e", "stderr", "-p", folder, "-c", configuration];
  const nginx = startPart(command, { ...{ name: "nginx", logFile, cwd: folder }, env: nginxEnvironment() });
  const caFile = join(folder, "certificates/authority.pem");
  const client = await clientOf(nginx, { caFile, port: ports.https, sites });
  return {
    ...{ front: "nginx", server: nginx, get: client.get, ports, caFile, logFile },
    accessLog: (stage, site = "") => join(logsIn(folder), `lectern-${stage}${site}.log`),
    reload: ["sh", "-c", reload, "sh", `${nginx.pid}`, ...command],
    async stop() {
      client.close();
      await nginx.stop();
    },
  };
}

// The unit's own way, and then the wait for the old workers, which take requests for a moment after the signal.
const reload = `set -eu
unset NGINX
master=$1
shift
said=$("$@" -t 2>&1) || { printf '%s\\n' "$said" >&2; exit 1; }
workers=$(cat "/proc/$master/task/$master/children")
kill -HUP "$master"
for worker in $workers; do
  while tr -d '\\0' <"/proc/$worker/cmdline" 2>/dev/null | grep -q 'worker process$'; do sleep 0.02; done
done`;

/** Lets a network use the admin pages of all stages. */
function openAdmin(text: string, network: string, file: string): string {
  const opened = text.replaceAll(/^(\s*geo \$\w+_admin \{\n\s*default 0;)/gm, `$1\n\t\t${network} 1;`);
  if (opened === text) throw new Error(`${file} has no networks of admins`);
  return opened;
}

/** The same names in patterns. */
const renamed = (text: string, places: Readonly<Record<string, string>>): string =>
  Object.entries(places).reduce((now, [from, to]) => now.replaceAll(inPattern(from), inPattern(to)), text);
const inPattern = (name: string): string => name.replaceAll(".", "\\.");

/** The same sites on free ports of 127.0.0.1. */
async function moveSites(text: string): Promise<{ text: string; ports: Ports }> {
  const [https, http] = [await freePort(), await freePort()];
  const admin: number[] = [];
  let moved = text
    .replaceAll(/^\s*listen \[.*\n/gm, "")
    .replaceAll(/(?<=^\s*listen )(?:0\.0\.0\.0:)?443\b/gm, `127.0.0.1:${https}`)
    .replaceAll(/(?<=^\s*listen )(?:0\.0\.0\.0:)?80\b/gm, `127.0.0.1:${http}`);
  for (const [, address = ""] of moved.matchAll(/^\s*listen (127\.0\.0\.1:\d+)/gm)) {
    if ([https, http, ...admin].some((port) => address === `127.0.0.1:${port}`)) continue;
    const port = await freePort();
    moved = moved.replaceAll(new RegExp(`(?<=^\\s*listen )${address}\\b`, "gm"), `127.0.0.1:${port}`);
    admin.push(port);
  }
  return { text: moved, ports: { https, http, admin } };
}

/** Moves everything that nginx reads and writes into a test's folder. */
function inFolder(text: string, folder: string): string {
  const certificates = join(folder, "certificates");
  for (const each of [certificates, logsIn(folder), join(folder, "run")]) mkdirSync(each, { recursive: true });
  writeFileSync(join(certificates, "authority.pem"), siteCertificates.authority);
  writeFileSync(join(certificates, "site.pem"), siteCertificates.certificate);
  writeFileSync(join(certificates, "site.key"), siteCertificates.key, { mode: 0o600 });
  writeFileSync(join(folder, "forwarded.conf"), forwarded);
  const own = text
    .replaceAll(/^(\s*ssl_certificate) .*;$/gm, `$1 ${certificates}/site.pem;`)
    .replaceAll(/^(\s*ssl_certificate_key) .*;$/gm, `$1 ${certificates}/site.key;`)
    .replaceAll(/^(\s*ssl_trusted_certificate) .*;$/gm, `$1 ${certificates}/authority.pem;`)
    .replaceAll(/(?<=include )\/nix\/store\/\S*-nginx-recommended-proxy\S*(?=;)/g, join(folder, "forwarded.conf"))
    .replaceAll(/^\s*include \/nix\/store\/.*\n/gm, "")
    .replaceAll(/^(user|pid|daemon) .*$/gm, "")
    .replaceAll("/var/log/nginx", logsIn(folder))
    .replaceAll("/var/cache/lectern", cacheIn(folder))
    .replaceAll("/run/lectern", join(folder, "run"));
  const inHttp = `http {\n${temporary}\naccess_log ${join(logsIn(folder), "access.log")};`;
  // A master process that is root would give its workers to another user, who may not read this folder.
  const user = process.getuid?.() === 0 ? "user root;\n" : "";
  return `${user}daemon off;\npid nginx.pid;\n${own.replace(/^http \{$/m, () => inHttp)}`;
}

// The file of nixpkgs' recommendedProxySettings.
const forwarded = `proxy_set_header Host $host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_set_header X-Forwarded-Host $host;
proxy_set_header X-Forwarded-Server $hostname;
`;

// `listen` has the sites' own addresses.
const upstream = /(?<!listen )\b127\.0\.0\.1:\d+/g;
