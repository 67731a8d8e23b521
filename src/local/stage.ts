import { appendFileSync, existsSync, openSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Assets } from "../../codegen/schema/core/asset.ts";
import type { SecretLookup } from "../../codegen/schema/core/registry.ts";
import { rehearsalTokenName } from "../../codegen/schema/core/secret-ref.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { freePort } from "../lib/free-port.ts";
import { writePrivateFile } from "../lib/private-file.ts";
import { findProgram } from "../lib/programs.ts";
import type { Target } from "../owncast/apply/session.ts";
import { bootstrap } from "../owncast/bootstrap/bootstrap.ts";
import { withServerUrl } from "../owncast/seed/read-seed.ts";
import {
  makeSecrets,
  outsideSecretNames,
  readSecrets,
  secretNames,
  stageSecretNames,
} from "../owncast/seed/secrets.ts";
import { writeSeed } from "../owncast/seed/write-seed.ts";
import { openDoor } from "../services/doors/door-file.ts";
import { rehearsalDoor } from "../services/doors/rehearsal-door.ts";
import { startGate } from "../services/gate/gate.ts";
import { startKeeperService } from "../services/keeper/keeper-service.ts";
import { readRehearsalToken } from "../viewer/rehearsal-token.ts";
import { caFile, captionsFolder, declaresCaptions, type SiteEdges, startCaddy } from "./caddy.ts";
import { type Part, startPart, untilAnswers } from "./part.ts";
import type { StagePorts } from "./ports.ts";
import { readStageSecret } from "./stage-secret.ts";

/** The network that Owncast runs in. */
export interface StageNetwork {
  /** The arguments that run a command in this network. */
  enter(command: readonly string[]): string[];
  /** Makes a port of this network reachable on 127.0.0.1, by the same number. */
  reach(port: number): Promise<void>;
  /** Configures an Owncast in this network, as `lectern bootstrap` does. Resolves to the paths of the settings that it applied. */
  configure(stage: LocalStage, signal: AbortSignal | undefined): Promise<string[]>;
}

/** For a process that is in a private network namespace itself. `configure` throws CliError 1 in any other. */
export const thisNetwork: StageNetwork = {
  enter: (command) => [...command],
  reach: async () => {},
  async configure({ seed, assets, reveal, stateDir }, signal) {
    const options = { owncast: findProgram("owncast"), stateDir, deadlineSeconds: 60, ...(signal && { signal }) };
    const { changes } = await bootstrap({ ...options, seed: async () => ({ seed, assets, reveal }) });
    return changes.map(({ path }) => path);
  },
};

/** What a stage needs to know of its edges. */
export interface StageEdges extends SiteEdges {
  /** The file that lists them. */
  readonly file: string;
  /** The file with their present order, which the steering service writes. */
  readonly orderFile: string;
}

export interface StageOptions {
  readonly seed: Seed;
  /** The bytes of the files that the seed names. */
  readonly assets?: Assets;
  /** An existing private folder for all that the stage writes. The caller removes it. */
  readonly folder: string;
  /** A given folder of secrets. Lectern makes the missing ones, if it can. */
  readonly secretsDir?: string | undefined;
  /** Default: free ports. */
  readonly ports?: Partial<StagePorts>;
  /** Caddy's storage with its certificate authority; default: `caddy` in the folder. */
  readonly caddyDir?: string;
  /** Default: the network of this process. */
  readonly network?: StageNetwork;
  /** The stage's edges, which the caller starts. */
  readonly edges?: StageEdges | undefined;
  /** Starts the playlist keeper and resolves to where it listens (host:port). Default: a keeper in this process. */
  readonly keeper?: (stage: LocalStage) => Promise<string>;
  /** Starts the web server for viewers. Default: Caddy. */
  readonly front?: (stage: LocalStage, keeper: string) => Promise<void>;
  /** Stops the start. */
  readonly signal?: AbortSignal;
  /** Runs each step of the start, to show it to a person. */
  readonly step?: <Result>(title: string, work: () => Promise<Result>) => Promise<Result>;
}

/** A whole stage on this machine: Owncast behind the gate, the playlist keeper, and Caddy before them. */
export interface LocalStage {
  readonly seed: Seed;
  readonly assets: Assets;
  readonly folder: string;
  readonly ports: StagePorts;
  /** The page's address, as `https://…`. */
  readonly page: string;
  readonly owncastUrl: string;
  /** The address for publishers, `rtmp://…`. */
  readonly rtmpUrl: string;
  /** The certificate of the authority that Caddy made. */
  readonly caFile: string;
  readonly caddyDir: string;
  /** One file for each secret; `rehearsal-token` too if the stage allows rehearsals. */
  readonly secretsDir: string;
  /** The folder in `folder` with the rehearsals' door for Caddy; undefined if the stage allows none. */
  readonly rehearsalDir: string | undefined;
  /** Undefined without edges. */
  readonly edges: StageEdges | undefined;
  readonly reveal: SecretLookup;
  /** Owncast's working folder. */
  readonly stateDir: string;
  /** Owncast's playlists and segments. */
  readonly hlsDir: string;
  /** The captions' files: a folder for each track. It exists if the stage declares captions. */
  readonly captionsDir: string;
  /** Where the playlist keeper listens (host:port). Empty while the stage starts. */
  readonly keeper: string;
  /** The gate's status socket, like that of `lectern gate --status`. */
  readonly gateSocket: string;
  /** The paths of the settings that were applied before Owncast's first start. */
  readonly applied: readonly string[];
  /** The running parts, in the order of their start. A caller may add its own; `stop` ends all of them, the last one first. */
  readonly parts: Part[];
  /** Throws if no part has this name. */
  part(name: string): Part;
  /** Never resolves; rejects when one of the parts ends by itself. */
  anyDied(): Promise<never>;
  /** Starts Owncast again after its part was stopped. */
  startOwncast(): void;
  stop(): Promise<void>;
}

/** The stage as apply and plan take it. */
export const targetOf = ({ seed, assets, stateDir, owncastUrl, reveal }: LocalStage): Target => ({
  ...{ seed, assets, stateDir, reveal },
  url: owncastUrl,
  deadlineSeconds: 30,
});

/** Starts a stage; nothing is reachable before it is configured. Throws the error of the part that failed, after all parts have ended. */
export async function startStage(options: StageOptions): Promise<LocalStage> {
  const { folder, signal, network = thisNetwork, assets = new Map(), step = (_, work) => work() } = options;
  const ports = await withFreePorts(options.ports ?? {});
  const page = `https://localhost:${ports.https}`;
  const parts: Part[] = [];
  const secretsDir = join(folder, "secrets");
  const caddyDir = options.caddyDir ?? join(folder, "caddy");
  const anyDied = () => Promise.race([new Promise<never>(() => {}), ...parts.map(({ died }) => died)]);
  const guarded = <Result>(title: string, work: () => Promise<Result>): Promise<Result> =>
    step(title, () => Promise.race([work(), anyDied(), whenAborted(signal)]));
  const stop = async () => {
    for (const part of [...parts].reverse()) await part.stop();
  };
  try {
    const reveal = await guarded("Making the admin password and the stream keys", () =>
      gatherSecrets(options.seed, secretsDir, options.secretsDir),
    );
    const rtmpPort = await freePort();
    const stage: LocalStage & { applied: readonly string[]; keeper: string } = {
      // Owncast requires an address for the directory and for federation, although the demo reaches neither.
      seed: needsAddress(options.seed) ? withServerUrl(options.seed, page) : options.seed,
      ...{ assets, folder, ports, page, caddyDir, secretsDir, reveal, parts, anyDied, stop, applied: [] },
      rehearsalDir: options.seed.rehearsal?.enable ? "rehearsal" : undefined,
      edges: options.edges,
      owncastUrl: `http://127.0.0.1:${ports.owncast}`,
      rtmpUrl: `rtmp://127.0.0.1:${ports.rtmp}/live`,
      caFile: caFile(caddyDir),
      stateDir: join(folder, "state"),
      hlsDir: join(folder, "hls"),
      captionsDir: join(folder, captionsFolder),
      keeper: "",
      gateSocket: join(folder, "gate.sock"),
      part(name) {
        const part = parts.find((one) => one.name === name);
        if (!part) throw new Error(`this stage has no part "${name}"`);
        return part;
      },
      startOwncast: () => runOwncast(stage, network, rtmpPort),
    };
    await makeFolders(stage);
    stage.applied = await guarded("Configuring Owncast with the network shut", () => network.configure(stage, signal));
    await guarded("Starting Owncast", async () => {
      stage.startOwncast();
      await network.reach(ports.owncast);
      await network.reach(rtmpPort);
      await Promise.all([untilAnswers(`${stage.owncastUrl}/api/status`), startOwnGate(stage, rtmpPort)]);
    });
    await guarded("Starting Caddy and the playlist keeper", async () => {
      stage.keeper = await (options.keeper ?? startOwnKeeper)(stage);
      await (options.front ?? startCaddy)(stage, stage.keeper);
    });
    return stage;
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Puts every secret of the stage into a folder. It copies the given ones, and makes the others if Lectern can make them. Throws
 * CliError 1, which names each missing or unusable given file and never holds a value.
 */
export async function gatherSecrets(seed: Seed, folder: string, givenDir?: string) {
  const outside = outsideSecretNames(seed);
  const given = secretNames(seed).filter(
    (name) =>
      givenDir !== undefined &&
      // The demo has already put the keys of its own object storage there.
      ((outside.includes(name) && !existsSync(join(folder, name))) || existsSync(join(givenDir, name))),
  );
  const givenOwn = stageSecretNames(seed).filter((name) => givenDir !== undefined && existsSync(join(givenDir, name)));
  await makeSecrets(seed, folder, [...given, ...givenOwn]);
  const reveal = await readSecrets(seed, (name) => join(given.includes(name) ? (givenDir ?? "") : folder, name));
  for (const name of given) await writePrivateFile(join(folder, name), `${reveal(name)}\n`);
  for (const name of givenOwn)
    await writePrivateFile(join(folder, name), `${await readStageSecret(givenDir ?? "", name)}\n`);
  return reveal;
}

async function withFreePorts(asked: Partial<StagePorts>): Promise<StagePorts> {
  const { https, rtmp, admin, owncast } = asked;
  return {
    https: https ?? (await freePort()),
    rtmp: rtmp ?? (await freePort()),
    admin: admin ?? (await freePort()),
    owncast: owncast ?? (await freePort()),
  };
}

const needsAddress = ({ instance, federation }: Seed): boolean => Boolean(instance?.directory || federation?.enabled);

/** Never resolves; rejects when `signal` aborts. */
export function whenAborted(signal: AbortSignal | undefined): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    const fail = () => reject(new CliError(ExitCode.failed, "stopped"));
    if (signal?.aborted) fail();
    signal?.addEventListener("abort", fail, { once: true });
  });
  aborted.catch(() => {});
  return aborted;
}

/** The seed's file that the gate reads, Owncast's folders, a folder with its ffmpeg, the captions' folder, and the rehearsals' door. */
async function makeFolders({
  folder,
  stateDir,
  hlsDir,
  seed,
  assets,
  secretsDir,
  rehearsalDir,
  captionsDir,
}: LocalStage): Promise<void> {
  const data = join(stateDir, "data");
  await mkdir(data, { recursive: true, mode: 0o700 });
  await Promise.all([mkdir(join(data, "hls")), mkdir(join(folder, "bin"))]);
  // The link points to Owncast's folder, not the other way round: through a link, Owncast would not remove old segments.
  await symlink(join(data, "hls"), hlsDir);
  await symlink(findProgram("ffmpeg"), join(folder, "bin/ffmpeg"));
  if (declaresCaptions(seed)) await mkdir(captionsDir);
  if (rehearsalDir !== undefined) {
    await mkdir(join(folder, rehearsalDir));
    const token = await readRehearsalToken(join(secretsDir, rehearsalTokenName));
    await openDoor({ folder: join(folder, rehearsalDir), front: "caddy" }, rehearsalDoor(token, "caddy"));
  }
  await writeSeed(seedFileOf(folder), seed, assets);
}

/** The file with the stage's seed. */
export const seedFileOf = (folder: string): string => join(folder, "stage.json");

/** Runs Owncast as it was configured. Its RTMP port has no other name than a free number: publishers reach the gate. */
function runOwncast({ folder, stateDir, ports, parts }: LocalStage, network: StageNetwork, rtmpPort: number): void {
  const flags = ["-webserverip", "127.0.0.1", "-webserverport", `${ports.owncast}`, "-rtmpport", `${rtmpPort}`];
  const owncast = startPart(network.enter([findProgram("owncast"), ...flags]), {
    name: "Owncast",
    logFile: join(folder, "owncast.log"),
    cwd: stateDir,
    // Owncast runs only a program called ffmpeg on PATH. The configured one may have another name.
    env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` },
  });
  const before = parts.findIndex(({ name }) => name === "Owncast");
  parts.splice(before < 0 ? parts.length : before, before < 0 ? 0 : 1, owncast);
}

async function startOwnGate(stage: LocalStage, owncastRtmpPort: number): Promise<void> {
  const { folder, ports, parts } = stage;
  const gate = await startGate({
    listen: `127.0.0.1:${ports.rtmp}`,
    owncast: `127.0.0.1:${owncastRtmpPort}`,
    owncastUrl: stage.owncastUrl,
    seedFile: seedFileOf(folder),
    secrets: stage.secretsDir,
    status: `unix:${stage.gateSocket}`,
    ffmpeg: findProgram("ffmpeg"),
    say: logTo(join(folder, "gate.log")),
  });
  parts.push({ name: "the gate", died: new Promise(() => {}), stop: () => gate.stop() });
  await gate.listening;
}

async function startOwnKeeper(stage: LocalStage): Promise<string> {
  const { folder, hlsDir, owncastUrl, edges, parts } = stage;
  const listen = `127.0.0.1:${await freePort()}`;
  const say = logTo(join(folder, "keeper.log"));
  const captionsDir = declaresCaptions(stage.seed) ? stage.captionsDir : undefined;
  const leads = { edgesFile: edges?.file, edgesOrderFile: edges?.orderFile, captionsDir };
  const keeper = await startKeeperService({ owncast: owncastUrl, hlsDir, listen, graceSeconds: 30, ...leads, say });
  parts.push({ name: "the playlist keeper", died: new Promise(() => {}), stop: () => keeper.stop() });
  return listen;
}

/** Appends each line to a log file that only this user can read. */
export function logTo(file: string): (line: string) => void {
  const log = openSync(file, "a", 0o600);
  return (line) => appendFileSync(log, `${line}\n`);
}
