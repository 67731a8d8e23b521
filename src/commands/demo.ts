import { readdirSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadFile } from "../../codegen/load/load-seed.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds, readWhole } from "../lib/option-values.ts";
import { ensureRuns, findProgram } from "../lib/programs.ts";
import { captionTracks, findCaptionPrograms } from "../local/captions.ts";
import type { Crowd } from "../local/crowd.ts";
import { demoStage } from "../local/demo-stage.ts";
import { storageSettings } from "../local/demo-storage.ts";
import { edgeNames } from "../local/edges.ts";
import { usableProcessors } from "../local/effort.ts";
import { ensureNamespaceTools, runIsolated } from "../local/outside.ts";
import { defaultPorts, firstPorts, openFrom, openPorts } from "../local/ports.ts";
import { makeOwnFolder, makeRunFolder, userFolder } from "../local/run-folder.ts";
import { examples, type Verb } from "./verb.ts";

interface DemoOptions {
  readonly seed?: string;
  readonly secrets?: string;
  readonly once?: true;
  readonly camera: boolean;
  readonly crowd?: string;
  readonly crowdSeconds?: string;
  readonly edges?: string;
  readonly storage?: true;
  readonly captions?: true;
  readonly json?: true;
  /** Every command's. */
  readonly verbose?: true;
  readonly httpsPort?: string;
  readonly rtmpPort?: string;
  readonly adminPort?: string;
}

// One process rehearses with so many.
const mostInCrowd = 1000;
const usualCrowdSeconds = "30";
const longestCrowdSeconds = 24 * 3600;

const articleStage = fileURLToPath(new URL("../../hosts/live/stages/main.yaml", import.meta.url));

export const verb: Verb<DemoOptions> = {
  configure(command) {
    command
      .option(
        "--seed <file>",
        "the stage to run: a stage file (.yaml) or a seed (.json) (default: the stage of hosts/live)",
      )
      .option(
        "--secrets <dir>",
        "folder with one file per secret of the stage; without it, settings that need secrets of other services are left out",
      )
      .option("--once", "check every rendition as a viewer, print the verdict, and exit with 0 or 2")
      .option("--no-camera", "send no test pattern: wait for your own camera, such as OBS")
      .option("--crowd <viewers>", `rehearse the stage with so many viewers once it plays, up to ${mostInCrowd}`)
      .option("--crowd-seconds <seconds>", `how long they watch (default: ${usualCrowdSeconds})`)
      .option("--edges <number>", `serve the video by so many edges, up to ${edgeNames.length}, with viewers near each`)
      .option("--storage", "serve the video from object storage: an S3 server on this machine")
      .option("--captions", "let the camera speak, and show live captions in the player")
      .option("--https-port <port>", `the page's port (default: ${defaultPorts.https}, or the next free one)`)
      .option("--rtmp-port <port>", `where cameras publish (default: ${defaultPorts.rtmp}, or the next free one)`)
      .option("--admin-port <port>", `the admin page's port (default: ${defaultPorts.admin}, or the next free one)`)
      .option("--json", "print the result as JSON")
      .addHelpText(
        "after",
        `\nOnly this machine can reach the demo. When it ends, only Caddy's certificate authority stays.\nWith --crowd, --once also exits with 2 if the stage does not hold, and with 1 if this machine was too slow to judge it.\nWith --edges, --once also exits with 2 unless viewers play by every edge and the origin serves each segment about once for each edge.\nWith --captions, --once also exits with 2 unless 60 % of the spoken words are right, and on the screen with their own frames.
--edges needs nginx, --storage needs VersityGW, and --captions needs flite and pocketsphinx: npm start brings what is missing.\n${examples("npm start", "npm start -- --once", "npm start -- --crowd 50", "npm start -- --edges 2", "npm start -- --storage --once", "npm start -- --captions", "npm start -- --seed my-stage.yaml --no-camera")}`,
      );
  },
  async run(_, { seed, secrets, once = false, camera, json = false, verbose = false, ...asked }) {
    const crowd = readCrowd(asked);
    const edgeCount = readEdgeCount(asked, crowd !== undefined);
    if (asked.captions && (edgeCount > 0 || asked.storage))
      throw new CliError(
        ExitCode.usage,
        `--captions and ${asked.storage ? "--storage" : "--edges"} exclude each other`,
      );
    if (once && !camera) throw new CliError(ExitCode.usage, "--once needs the camera: leave out --no-camera");
    if (crowd && !camera) throw new CliError(ExitCode.usage, "--crowd needs the camera: leave out --no-camera");
    if (secrets !== undefined) ensureFolder(secrets);
    const { seed: declared, assets } = await loadFile(seed ?? articleStage);
    findProgram("owncast");
    ensureRuns("caddy", findProgram("caddy"), ["version"]);
    ensureRuns("ffmpeg", findProgram("ffmpeg"), ["-version"]);
    if (edgeCount > 0) ensureRuns("nginx", findProgram("nginx"), ["-v"]);
    if (asked.storage) ensureRuns("versitygw", findProgram("versitygw"), ["--version"]);
    const captions = asked.captions && findCaptionPrograms();
    if (asked.captions && camera) findProgram("flite");
    ensureNamespaceTools();
    const open = await openPorts({
      ...port("https", asked.httpsPort),
      ...port("rtmp", asked.rtmpPort),
      ...port("admin", asked.adminPort),
    });
    const edges = await openFrom(firstPorts.edges, edgeCount);
    const [storage] = await openFrom(firstPorts.storage, asked.storage ? 1 : 0);
    const storagePort = storage && portOf(storage);
    const { warnings, ...stage } = demoStage(declared, {
      hasSecrets: secrets !== undefined,
      processors: usableProcessors(),
      isExample: seed === undefined,
      isRehearsed: crowd !== undefined,
      ...(storagePort !== undefined && { storage: storageSettings(storagePort) }),
      ...(captions && { captions: captionTracks(captions) }),
    });
    const folder = makeRunFolder();
    for (const line of [...stage.differences, ...warnings]) process.stderr.write(`${line}\n`);
    const run = {
      ...{ ...stage, assets, folder, once, camera, crowd, json, verbose },
      secretsDir: secrets === undefined ? undefined : resolve(secrets),
      caddyDir: keptFolder() ?? join(folder, "authority"),
      ports: { https: portOf(open.https), rtmp: portOf(open.rtmp), admin: portOf(open.admin) },
      edgePorts: edges.map(portOf),
      ...{ storagePort, captions },
      user: userName(),
    };
    const more = [...edges, ...(storage ? [storage] : [])].map((server) => ({ port: portOf(server), server }));
    return runIsolated(run, open, more);
  },
};

/** Throws CliError 64. */
function readCrowd({ crowd, crowdSeconds }: Pick<DemoOptions, "crowd" | "crowdSeconds">): Crowd | undefined {
  if (crowd === undefined && crowdSeconds !== undefined)
    throw new CliError(ExitCode.usage, "--crowd-seconds needs --crowd, the number of viewers");
  if (crowd === undefined) return undefined;
  return {
    viewers: readWhole("--crowd", crowd, { min: 1, max: mostInCrowd, unit: "viewers" }),
    seconds: readSeconds("--crowd-seconds", crowdSeconds ?? usualCrowdSeconds, longestCrowdSeconds),
  };
}

/** The number of edges; 0 without. Throws CliError 64. */
function readEdgeCount({ edges, storage }: Pick<DemoOptions, "edges" | "storage">, hasCrowd: boolean): number {
  const count = edges === undefined ? 0 : readWhole("--edges", edges, { min: 1, max: edgeNames.length, unit: "edges" });
  if (count > 0 && storage)
    throw new CliError(
      ExitCode.usage,
      "--edges and --storage exclude each other: players load the video from the storage, so the edges would get no viewers",
      "give one of the two",
    );
  if (hasCrowd && (count > 0 || storage)) {
    const option = storage ? "--storage" : "--edges";
    throw new CliError(
      ExitCode.usage,
      `--crowd and ${option} exclude each other: a rehearsal loads only the server that allows it, and the video would be elsewhere`,
      `leave out --crowd; ${storage ? "one viewer checks the bucket" : "--edges brings viewers of its own"}`,
    );
  }
  return count;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Throws CliError 64: a mistyped folder would look like one without secrets. */
function ensureFolder(path: string): void {
  if (isFolder(path)) return;
  throw new CliError(
    ExitCode.usage,
    `--secrets ${path}: no folder that can be read`,
    "name the folder that holds a file for each secret of the stage",
  );
}

function isFolder(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The folder that keeps Caddy's authority for later demos. Undefined, with a line on stderr, if no private place exists. */
function keptFolder(): string | undefined {
  const data = userFolder("XDG_DATA_HOME", ".local/share");
  const folder = data === undefined ? undefined : makeOwnFolder(join(data, "lectern/demo-caddy"));
  if (folder === undefined)
    process.stderr.write(
      `Caddy makes an authority for this run only: this user cannot write ${data ?? "the home folder"}, or others can change it\n`,
    );
  return folder;
}

/** The user's name; a container may run as a user id without one. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "you";
  }
}

function port(name: "https" | "rtmp" | "admin", text: string | undefined) {
  if (text === undefined) return {};
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw new CliError(ExitCode.usage, `--${name}-port ${text}: expected a port from 1 to 65535`);
  return { [name]: number };
}
