import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loadSeed } from "../../codegen/load/load-seed.ts";
import { readGate } from "../host/gate-client.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { freePort } from "../lib/free-port.ts";
import { withLock } from "../lib/lock.ts";
import { openLock } from "../lib/lock-file.ts";
import { get } from "../viewer/http-client.ts";
import { caFile, writeCaddyfile } from "./local-caddy.ts";
import type { PrivateNetwork } from "./network.ts";
import { type Part, startPart } from "./part.ts";
import type { DemoRun } from "./run.ts";

/** Owncast's ports and the gate's in their own network, where nothing else listens. */
export const inside = { web: 8080, rtmp: 1935, owncastRtmp: 19350 } as const;

/** Runs `lectern bootstrap` in Owncast's network; resolves to the paths of the settings that it applied. */
export async function bootstrapInside(run: DemoRun, network: PrivateNetwork, signal: AbortSignal): Promise<string[]> {
  const { dir, programs, ports, seedFile } = run;
  const seed = await loadSeed(seedFile);
  const hls = join(dir, "hls");
  const data = join(dir, "state/data");
  const bin = join(dir, "bin");
  await mkdir(data, { recursive: true, mode: 0o700 });
  await Promise.all([mkdir(join(data, "hls")), mkdir(bin)]);
  // This way round: Owncast does not follow a link when it removes what is over.
  await symlink(join(data, "hls"), hls);
  await symlink(programs.ffmpeg, join(bin, "ffmpeg"));
  const lectern = fileURLToPath(new URL("../main.ts", import.meta.url));
  const flags = [
    "--seed",
    seedFile,
    "--owncast",
    programs.owncast,
    "--state-dir",
    join(dir, "state"),
    "--secrets",
    join(dir, "secrets"),
    // Where nothing leads out of, nobody is told; but Owncast wants an address before it would tell anybody.
    ...(seed.instance?.directory || seed.federation?.enabled
      ? ["--server-url", `https://localhost:${ports.https}`]
      : []),
  ];
  const [command = "", ...args] = network.enter([
    process.execPath,
    ...process.execArgv,
    lectern,
    "bootstrap",
    ...flags,
    "--json",
    ...(run.verbose ? ["--verbose"] : []),
  ]);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: owncastEnvironment(run), signal });
  if (run.verbose) child.stderr.pipe(process.stderr, { end: false });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  if (code !== 0) throw new CliError(ExitCode.failed, `the stage could not be configured:\n${errors.trimEnd()}`);
  return (JSON.parse(output) as { changes: { path: string }[] }).changes.map(({ path }) => path);
}

/** Owncast looks for a program called ffmpeg on PATH and nowhere else; the one that was named may be called otherwise. */
const owncastEnvironment = ({ dir }: DemoRun): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${join(dir, "bin")}:${process.env.PATH}`,
});

/** Runs Owncast in its network, as it was configured. */
export function runOwncast(run: DemoRun, network: PrivateNetwork): Part {
  const { dir, programs } = run;
  const flags = ["-webserverip", "127.0.0.1", "-webserverport", `${inside.web}`, "-rtmpport", `${inside.owncastRtmp}`];
  const logFile = join(dir, "owncast.log");
  return startPart(network.enter([programs.owncast, ...flags]), {
    name: "Owncast",
    logFile,
    cwd: join(dir, "state"),
    env: owncastEnvironment(run),
  });
}

/** Starts Owncast and the gate before it, lets its web server and the gate be reached from loopback, waits until both answer. */
export async function startOwncast(run: DemoRun, network: PrivateNetwork, parts: Part[]): Promise<void> {
  const { ports } = run;
  const owncast = runOwncast(run, network);
  const gate = runGate(run, network);
  parts.push(owncast, gate);
  await network.open(ports.owncast, inside.web);
  await network.open(ports.rtmp, inside.rtmp);
  const both = Promise.all([
    untilAnswers(`http://127.0.0.1:${ports.owncast}/api/status`),
    untilListens(gateSocket(run)),
  ]);
  await Promise.race([both, owncast.died, gate.died]);
}

/** Runs the gate in Owncast's network: out here, Owncast's RTMP port is nobody's. */
export function runGate({ dir, seedFile }: DemoRun, network: PrivateNetwork): Part {
  const lectern = fileURLToPath(new URL("../main.ts", import.meta.url));
  const command = [process.execPath, ...process.execArgv, lectern, "gate", "--listen", `127.0.0.1:${inside.rtmp}`];
  const owncast = ["--owncast", `127.0.0.1:${inside.owncastRtmp}`, "--owncast-url", `http://127.0.0.1:${inside.web}`];
  const keys = [
    "--seed",
    resolve(seedFile),
    "--secrets",
    join(dir, "secrets"),
    "--status",
    `unix:${gateSocket({ dir })}`,
  ];
  return startPart(network.enter([...command, ...owncast, ...keys]), {
    name: "the gate",
    logFile: join(dir, "gate.log"),
  });
}

/** Resolves when a gate takes cameras. Throws CliError (1) after 30 s. */
async function untilListens(socket: string): Promise<void> {
  const until = performance.now() + answersWithinMs;
  const isListening = () =>
    readGate(socket, 1).then(
      ({ listening }) => listening,
      () => false,
    );
  while (!(await isListening())) {
    if (performance.now() > until) throw new CliError(ExitCode.failed, "the gate does not take cameras");
    await sleep(50);
  }
}

/** Where the gate says how it is doing. */
export const gateSocket = ({ dir }: Pick<DemoRun, "dir">): string => join(dir, "gate.sock");

/** Starts the playlist keeper and waits until it answers. Resolves to where it listens. */
export async function startKeeper({ dir, ports }: DemoRun, parts: Part[]): Promise<string> {
  const lectern = fileURLToPath(new URL("../main.ts", import.meta.url));
  const address = `127.0.0.1:${await freePort()}`;
  const command = [process.execPath, ...process.execArgv, lectern, "keeper", "--hls-dir", join(dir, "hls")];
  const flags = ["--owncast", `http://127.0.0.1:${ports.owncast}`, "--listen", address];
  const keeper = startPart([...command, ...flags], { name: "the playlist keeper", logFile: join(dir, "keeper.log") });
  parts.push(keeper);
  await Promise.race([untilAnswers(`http://${address}/metrics`), keeper.died]);
  return address;
}

/** Starts Caddy with its page on loopback and waits until Owncast answers through it. `keeper` is where the keeper listens. */
export async function startCaddy(run: DemoRun, keeper: string, parts: Part[]): Promise<void> {
  const { dir, caddyDir } = run;
  const config = join(dir, "Caddyfile");
  await mkdir(caddyDir, { recursive: true, mode: 0o700 });
  await symlink(caddyDir, join(dir, storageLink));
  // Relative to the folder that Caddy runs in: a path may hold what a Caddyfile reads as quotes or placeholders.
  await writeCaddyfile(config, { ports: run.ports, segmentsDir: ".", keeper, storageDir: storageLink });
  const lock = { file: join(caddyDir, "starting.lock"), handle: await openLock(join(caddyDir, "starting.lock")) };
  // Two Caddys that start at once in an empty folder would make two authorities, and keep half of each.
  await withLock(lock, { what: "another demo's Caddy", deadlineSeconds: answersWithinMs / 1000 }, () =>
    runCaddy(run, config, parts),
  );
}

const storageLink = "caddy-storage";

async function runCaddy(run: DemoRun, config: string, parts: Part[]): Promise<void> {
  const { dir, ports, programs, caddyDir } = run;
  const caddy = startPart([programs.caddy, "run", "--config", config, "--adapter", "caddyfile"], {
    name: "Caddy",
    logFile: join(dir, "caddy.log"),
    cwd: dir,
    // Its autosaved configuration and the like belong to this run.
    env: { ...process.env, HOME: dir, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir },
  });
  parts.push(caddy);
  await Promise.race([untilAnswers(`https://localhost:${ports.https}/api/status`, caFile(caddyDir)), caddy.died]);
}

const answersWithinMs = 30_000;

/** Resolves when the address answers 200. Throws CliError (1) after 30 s. */
export async function untilAnswers(url: string, caPath?: string): Promise<void> {
  const until = performance.now() + answersWithinMs;
  for (;;) {
    const answer = await get(url, caPath === undefined ? {} : { caFile: caPath }).catch(() => undefined);
    if (answer?.status === 200) return;
    if (performance.now() > until) throw new CliError(ExitCode.failed, `${url} does not answer`);
    await sleep(50);
  }
}
