import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";
import { openLock, withLock } from "../lib/lock.ts";
import { findProgram } from "../lib/programs.ts";
import { type Part, startPart, untilAnswers } from "./part.ts";
import type { StagePorts } from "./ports.ts";

const template = (name: string): Promise<string> =>
  readFile(new URL(`../../generated/site/${name}.caddyfile`, import.meta.url), "utf8");

// As on a host, the page's address has no admin page.
const nobody = "255.255.255.255/32";

/** A stage's edges, for its site. */
export interface SiteEdges {
  /** The folder with the edges' door, as `lectern edge-door` writes it. */
  readonly doorDir: string;
  /** Where the steering service listens for players, as host:port. */
  readonly steering: string;
}

/** The folder of the captions' files, beside the segments' folders. */
export const captionsFolder = "captions";

export interface SiteOptions {
  readonly ports: Omit<StagePorts, "rtmp">;
  /** The folder with Owncast's segments, in `hls`, and the keeper's, in `hls-kept`. */
  readonly segmentsDir: string;
  /** The keeper's address in Caddy's form. */
  readonly keeper: string;
  /** Whether the stage declares captions; their files are in `captions` of the folder with the segments. */
  readonly hasCaptions?: boolean;
  /** The folder with the door of rehearsals, as `lectern rehearsal-door` writes it; undefined if none is allowed. */
  readonly rehearsalDir?: string | undefined;
  /** What leads players to the stage's edges; undefined without edges. */
  readonly edges?: SiteEdges | undefined;
  /** Caddy's own folder; its certificate authority lives there, to be trusted once. */
  readonly storageDir: string;
}

/** The certificate of Caddy's own authority, in PEM, once it has started. */
export const caFile = (storageDir: string): string => join(storageDir, "pki/authorities/local/root.crt");

/** Writes a Caddyfile with the two sites that NixOS gets too, on loopback, with a certificate of Caddy's own authority. */
export async function writeCaddyfile(
  file: string,
  { ports, segmentsDir, keeper, hasCaptions = false, rehearsalDir, edges, storageDir }: SiteOptions,
): Promise<void> {
  const steering = edges ? (await template("steering-with-edges")).replace("@steering@", edges.steering) : "";
  const rehearsal = (await template("rehearsal")).replace("@rehearsalAnswer@", answerTo(rehearsalDir));
  const captions = hasCaptions ? (await template("captions")).replaceAll("@segmentsDir@", segmentsDir) : "";
  const vhost = (await template(edges ? "stage-with-edges" : "stage"))
    .replaceAll("@upstream@", `127.0.0.1:${ports.owncast}`)
    .replaceAll("@keeper@", keeper)
    .replaceAll("@segmentsDir@", segmentsDir)
    .replaceAll("@edgeDoor@", edges?.doorDir ?? "");
  const text = `{
	admin off
	grace_period 1s
	servers {
		protocols h1 h2
	}
	skip_install_trust
	auto_https disable_redirects
	storage file_system "${storageDir}"
}

https://localhost:${ports.https} {
	bind 127.0.0.1
	tls internal
	header Alt-Svc clear
${rehearsal}${steering}${captions}${vhost.replaceAll("@adminNetworks@", nobody)}}

http://localhost:${ports.admin} http://127.0.0.1:${ports.admin} {
	bind 127.0.0.1
${rehearsal}${captions}${vhost.replaceAll("@adminNetworks@", "127.0.0.0/8")}}
`;
  await writeFile(file, text);
}

/** The same answers as on a host; see modules/services/rehearsal. */
const answerTo = (rehearsalDir: string | undefined): string =>
  rehearsalDir === undefined
    ? '\t\t\trespond "This stage allows no rehearsal: its stage file does not say rehearsal.enable: true." 404\n'
    : `\t\t\timport ${rehearsalDir}/*.caddyfile\n`;

/** Whether a stage has caption tracks. */
export const declaresCaptions = ({ captions }: Pick<Seed, "captions">): boolean => (captions?.tracks?.length ?? 0) > 0;

/** Caddy's view of a stage. */
export interface Fronted {
  readonly folder: string;
  readonly caddyDir: string;
  readonly ports: Omit<StagePorts, "rtmp">;
  /** The folder in `folder` with the door of rehearsals; undefined if none is allowed. */
  readonly rehearsalDir?: string | undefined;
  readonly seed?: Pick<Seed, "captions">;
  /** Its door's folder is in `folder`. */
  readonly edges?: SiteEdges | undefined;
  readonly parts: Part[];
}

const storageLink = "caddy-storage";
const lockSeconds = 30;

/** Starts Caddy with a stage's page on loopback; resolves when Owncast responds through it. `keeper` is the keeper's address. */
export async function startCaddy(
  { folder, caddyDir, ports, seed = {}, rehearsalDir, edges, parts }: Fronted,
  keeper: string,
): Promise<void> {
  const config = join(folder, "Caddyfile");
  await mkdir(caddyDir, { recursive: true, mode: 0o700 });
  await symlink(caddyDir, join(folder, storageLink));
  // Relative to Caddy's working folder: an absolute path may hold a Caddyfile's quotes or placeholders. Caddy makes the path of an
  // import absolute and takes it as a pattern, so that one gets another name for this folder.
  const inFolder = (name: string): string => join("/proc/self/cwd", name);
  await writeCaddyfile(config, {
    ...{ ports, segmentsDir: ".", keeper, storageDir: storageLink },
    hasCaptions: declaresCaptions(seed),
    rehearsalDir: rehearsalDir === undefined ? undefined : inFolder(rehearsalDir),
    edges: edges && { ...edges, doorDir: inFolder(edges.doorDir) },
  });
  const lock = await openLock(join(caddyDir, "starting.lock"));
  // Two Caddys that start at the same time in an empty folder would make two authorities, and keep half of each.
  await withLock(lock, { what: "another demo's Caddy", deadlineSeconds: lockSeconds }, async () => {
    const caddy = runCaddy(config, { name: "Caddy", folder });
    parts.push(caddy);
    await Promise.race([untilAnswers(`https://localhost:${ports.https}/api/status`, caFile(caddyDir)), caddy.died]);
  });
}

export interface CaddyOptions {
  /** Its name for people. */
  readonly name: string;
  /** Caddy's working folder. Caddy also saves its own files there. */
  readonly folder: string;
  /** Default: beside the Caddyfile. */
  readonly logFile?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs Caddy on a Caddyfile. */
export function runCaddy(config: string, { name, folder, logFile, environment }: CaddyOptions): Part {
  const home = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  return startPart([findProgram("caddy"), "run", "--config", config, "--adapter", "caddyfile"], {
    ...{ name, logFile: logFile ?? `${config}.log`, cwd: folder },
    env: { ...process.env, ...home, ...environment },
  });
}
