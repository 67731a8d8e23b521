import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { nginxEnvironment, nginxProgram, startGoldenNginx } from "../../checks/lib/site/golden-nginx.ts";
import { goldenHosts, goldenSite, rehearsalPlace } from "../../checks/lib/site/golden-site.ts";
import { caFile, runCaddy } from "../../src/local/caddy.ts";
import { type Part, startPart, untilAnswers } from "../../src/local/part.ts";
import type { LocalStage } from "../../src/local/stage.ts";
import { articlesSite, fileServerSite, nginxConfiguration } from "./configurations.ts";
import { withWorkers } from "./processor.ts";

/** A way to deliver a stage. */
export interface Server {
  readonly name: "lectern" | "article" | "fileServer" | "lecternNginx" | "nginx" | "owncast";
  readonly title: string;
  /** The origin of `/hls/…`. */
  readonly origin: string;
  /** Whether it compresses all responses, also video. */
  readonly compressesVideo: boolean;
  /** Its error log. */
  readonly logFile: string;
  /** All processes that work for a response. */
  pids(): readonly number[];
  /** Number of playlists that its keeper has served so far, if it has a keeper. */
  readonly kept?: () => Promise<number>;
}

/** The stage that the servers deliver. */
export interface Behind {
  readonly stage: LocalStage;
  /** A folder for all that servers write. */
  readonly folder: string;
  readonly parts: Part[];
}

const ports = { lectern: 8443, article: 8444, fileServer: 8445, nginx: 8446 } as const;
const originOf = (name: keyof typeof ports): string => `https://localhost:${ports[name]}`;

/** The certificate storage that all Caddys share. */
export const storageIn = (folder: string): string => join(folder, "caddy");

/** Starts Lectern's Caddyfile and keeper, as on a host. */
export const startLectern = async (behind: Behind): Promise<Server> =>
  startLecternCaddy(behind, await startKeeper(behind));

async function startLecternCaddy(behind: Behind, keeper: number): Promise<Server> {
  const { folder, stage } = behind;
  const log = { "/var/log/caddy": join(folder, "log") };
  const owncast = { "127.0.0.1:8080": new URL(stage.owncastUrl).host };
  const folders = { "/var/cache/lectern/main": stage.folder, "/run/lectern": folder };
  const places = { ...log, "one.test": "localhost", ...owncast, ...folders, ...rehearsalPlace(stage) };
  const site = (options: string) => goldenSite("one", places, options);
  const caddy = await startCaddy("lectern", behind, site, unitsEnvironment());
  return {
    ...{ name: "lectern", logFile: join(folder, "lectern.log"), title: "Lectern's Caddyfile" },
    ...{ origin: originOf("lectern"), compressesVideo: false },
    pids: () => [caddy, keeper, pidOfOwncast(stage)],
    kept: () => keptAnswers(socketIn(folder)),
  };
}

const nginxFolder = (folder: string): string => join(folder, "lectern-nginx");

/** Starts the nginx of a host that has it as front, before the same keeper. */
async function startLecternNginx({ folder, stage, parts }: Behind, keeper: number): Promise<Server> {
  const own = nginxFolder(folder);
  mkdirSync(own);
  const places = {
    ...{ "one.test": "localhost", "127.0.0.1:8080": new URL(stage.owncastUrl).host },
    ...{ "/run/lectern/main-keeper.sock": socketIn(folder), "/var/cache/lectern/main": stage.folder },
  };
  const { server, ports, logFile, stop } = await startGoldenNginx("one", { folder: own, sites: ["localhost"], places });
  parts.push({ name: "Lectern's nginx", died: server.died, stop });
  const nginx = withWorkers(server.pid ?? Number.NaN);
  return {
    ...{ name: "lecternNginx", logFile, title: "Lectern's nginx" },
    ...{ origin: `https://localhost:${ports.https}`, compressesVideo: false },
    pids: () => [...nginx, keeper, pidOfOwncast(stage)],
    kept: () => keptAnswers(socketIn(folder)),
  };
}

/** Writes a file with the certificate authorities of all servers, and returns its path. */
export function authoritiesIn(folder: string): string {
  const file = join(folder, "authorities.pem");
  const authorities = [caFile(storageIn(folder)), join(nginxFolder(folder), "certificates/authority.pem")];
  writeFileSync(file, authorities.map((one) => readFileSync(one, "utf8")).join("\n"));
  return file;
}

const pidOfOwncast = (stage: LocalStage): number => stage.part("Owncast").pid ?? Number.NaN;

/** Starts all ways to deliver the same folder, side by side. */
export async function startServers(behind: Behind): Promise<readonly Server[]> {
  const { folder, stage } = behind;
  const { owncastUrl, folder: stageDir } = stage;
  const owncast = pidOfOwncast(stage);
  const logOf = (name: keyof typeof ports) => join(folder, `${name}.log`);
  const keeper = await startKeeper(behind);
  const lectern = await startLecternCaddy(behind, keeper);
  const article = await startCaddy("article", behind, (options) => articlesSite(options, owncastUrl, folder));
  const fileServer = await startCaddy("fileServer", behind, (options) => fileServerSite(options, stageDir));
  const lecternNginx = await startLecternNginx(behind, keeper);
  const nginx = await startNginx(behind);
  return [
    lectern,
    {
      ...{
        name: "article",
        logFile: logOf("article"),
        title: "the article's",
        origin: originOf("article"),
        compressesVideo: true,
      },
      pids: () => [article, owncast],
    },
    {
      ...{
        name: "fileServer",
        logFile: logOf("fileServer"),
        title: "Caddy's file_server",
        origin: originOf("fileServer"),
        compressesVideo: false,
      },
      pids: () => [fileServer],
    },
    lecternNginx,
    {
      ...{
        name: "nginx",
        logFile: logOf("nginx"),
        title: "nginx, static",
        origin: originOf("nginx"),
        compressesVideo: false,
      },
      pids: () => withWorkers(nginx),
    },
    {
      ...{
        name: "owncast",
        logFile: join(stageDir, "owncast.log"),
        title: "Owncast alone, no TLS",
        origin: owncastUrl,
        compressesVideo: true,
      },
      pids: () => [owncast],
    },
  ];
}

const socketIn = (folder: string): string => join(folder, "main-keeper.sock");

async function startKeeper({ folder, stage: { hlsDir, owncastUrl }, parts }: Behind): Promise<number> {
  const socket = socketIn(folder);
  const flags = ["--hls-dir", hlsDir, "--owncast", owncastUrl, "--listen", `unix:${socket}`];
  const keeper = startPart([process.execPath, "src/main.ts", "keeper", ...flags], {
    name: "the playlist keeper",
    logFile: join(folder, "keeper.log"),
  });
  return running(keeper, parts, () => until(() => existsSync(socket)));
}

/** The variables that Lectern's module adds to nixpkgs' Caddy unit. */
function unitsEnvironment(): NodeJS.ProcessEnv {
  const dropIn = readFileSync(`${goldenHosts}/one/units/caddy.service.d/overrides.conf`, "utf8");
  return Object.fromEntries(
    [...dropIn.matchAll(/^Environment="(\w+)=(.*)"$/gm)].map(([, name, value]) => [name, value]),
  );
}

/** Runs Caddy with a Caddyfile that includes this run's options: no admin API, a port of its own. */
async function startCaddy(
  name: "lectern" | "article" | "fileServer",
  { folder, parts }: Behind,
  siteOf: (options: string) => string,
  environment: NodeJS.ProcessEnv = {},
): Promise<number> {
  const storage = storageIn(folder);
  const options = `\tadmin off\n\tauto_https disable_redirects\n\thttps_port ${ports[name]}\n\tstorage file_system "${storage}"\n`;
  const file = join(folder, `${name}.caddyfile`);
  writeFileSync(file, siteOf(options));
  const caddy = runCaddy(file, { name: `Caddy (${name})`, folder, logFile: join(folder, `${name}.log`), environment });
  return running(caddy, parts, async () => {
    await until(() => existsSync(caFile(storage)));
    await untilAnswers(`${originOf(name)}/hls/0/stream.m3u8`, caFile(storage));
  });
}

/** Runs nginx with Caddy's certificate. */
async function startNginx({ folder, stage, parts }: Behind): Promise<number> {
  const own = join(folder, "nginx");
  mkdirSync(own);
  const storage = storageIn(folder);
  const file = join(own, "nginx.conf");
  writeFileSync(file, nginxConfiguration({ folder: own, root: stage.folder, port: ports.nginx, storage }));
  const nginx = startPart([nginxProgram(), "-p", own, "-c", file], {
    ...{ name: "nginx", logFile: join(folder, "nginx.log"), env: nginxEnvironment() },
  });
  return running(nginx, parts, () => untilAnswers(`${originOf("nginx")}/hls/0/stream.m3u8`, caFile(storage)));
}

/** Reads the keeper's own count of complete responses. */
async function keptAnswers(socketPath: string): Promise<number> {
  const asked = request({ socketPath, path: "/metrics" }).end();
  const [response] = await once(asked, "response");
  return Number(/^lectern_keeper_requests_total\{status="200"\} (\d+)$/m.exec(await text(response))?.[1] ?? 0);
}

async function running(part: Part, parts: Part[], ready: () => Promise<void>): Promise<number> {
  parts.push(part);
  await Promise.race([ready(), part.died]);
  if (part.pid === undefined) throw new Error(`${part.name} has no process`);
  return part.pid;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}
