import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants, readFileSync } from "node:fs";
import { access, stat } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Assets } from "../../../codegen/schema/core/asset.ts";
import type { SecretLookup } from "../../../codegen/schema/core/registry.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { endProcess } from "../../lib/child-process.ts";
import { fileFault } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { freePort } from "../../lib/free-port.ts";
import { type OpenLock, openLock, withLock } from "../../lib/lock.ts";
import type { Applied } from "../apply/apply.ts";
import type { OnWritten } from "../apply/write.ts";
import { isDamage, makeDatabase, noDatabase } from "./database.ts";

/** What the server is to be like. */
export interface Wanted {
  readonly seed: Seed;
  /** The bytes of the files that the seed names, read with it. */
  readonly assets: Assets;
  readonly reveal: SecretLookup;
}

export interface BootstrapOptions {
  /** Asked for once Owncast has been started: what it takes to read a seed goes beside that. */
  readonly wanted: () => Promise<Wanted>;
  /** Owncast's program. */
  readonly owncast: string;
  /** `<stateDir>/data` becomes Owncast's data folder; access tokens that it makes are left in `<stateDir>/tokens`. */
  readonly stateDir: string;
  readonly deadlineSeconds: number;
  /** Done before Owncast is started, while no other bootstrap works on the state folder. */
  readonly before?: () => Promise<void>;
  readonly signal?: AbortSignal;
  readonly onWritten?: OnWritten;
  /** Gets a line for people about what is waited for. */
  readonly say?: (line: string) => void;
}

/**
 * Configures an Owncast before its first byte of the outside world: starts it inside a private network namespace
 * with a one-time admin password, applies the seed, sets the real password last, stops it. Fails closed.
 * Throws CliError: exit 1 without such a namespace, or with the last lines of Owncast's log when it died.
 */
export async function bootstrap(options: BootstrapOptions): Promise<Applied> {
  ensurePrivateNetwork();
  ensureLoopback();
  const { stateDir } = options;
  const lock = await prepareState(stateDir).catch((error: unknown) => {
    if (error instanceof CliError) throw error;
    throw new CliError(
      ExitCode.failed,
      `${stateDir}: cannot be used (${fileFault(error)})`,
      "--state-dir wants a folder that this user may write",
    );
  });
  const what = `another bootstrap of ${stateDir}`;
  return withLock(lock, { ...options, what }, async () => {
    await options.before?.();
    return configure(options);
  });
}

/** Two servers on one database would spoil it, hence the lock around this; the server itself nobody else can reach. */
async function configure(options: BootstrapOptions): Promise<Applied> {
  const { wanted, stateDir, deadlineSeconds, signal, onWritten } = options;
  await ensureProgram(options.owncast);
  const currentPassword = randomBytes(24).toString("base64url");
  const [webPort, rtmpPort] = [await freePort(), await freePort()];
  const server = startOwncast(options, currentPassword, webPort, rtmpPort);
  const over = new AbortController();
  try {
    const url = `http://127.0.0.1:${webPort}`;
    const stop = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
    const configured = async (): Promise<Applied> => {
      const [{ applyAlone }, what] = await Promise.all([import("../apply/apply.ts"), wanted()]);
      const target = { ...what, url, deadlineSeconds, currentPassword, stateDir, signal: stop };
      return applyAlone(target, onWritten);
    };
    return await Promise.race([configured(), server.died]);
  } catch (error) {
    if (signal?.aborted)
      throw new CliError(ExitCode.failed, "stopped before everything was configured; nothing was opened");
    throw error;
  } finally {
    // A server that died is not asked again until the deadline.
    over.abort();
    await server.stop();
  }
}

// Fallback tunnels that the kernel puts into every new namespace once their module is loaded; without an address they lead nowhere.
const kernelTunnels = /^(tunl|sit|ip6tnl|gre|gretap|erspan|ip_vti|ip6_vti|ip6gre)0$/;

/** Refuses to go on where Owncast's RTMP port, with its public default key, could be reached by anybody. Throws CliError 1. */
export function ensurePrivateNetwork(procNetDev = readFileSync("/proc/self/net/dev", "utf8")): void {
  const devices = [...procNetDev.matchAll(/^\s*([^\s:|]+):/gm)].map(([, name = ""]) => name);
  const outside = devices.filter((name) => name !== "lo" && !kernelTunnels.test(name));
  if (outside.length === 0) return;
  throw new CliError(
    ExitCode.failed,
    `bootstrap needs a private network namespace; this one has ${outside.join(", ")}, and Owncast would listen there with its public default key`,
    "run it as: unshare --net sh -c 'ip link set lo up && exec lectern bootstrap …' (in a systemd unit: PrivateNetwork=yes)",
  );
}

/** A new network namespace has its loopback down, and nothing would ever answer there. Throws CliError 1. */
function ensureLoopback(): void {
  if (networkInterfaces().lo) return;
  throw new CliError(ExitCode.failed, "the loopback of this network namespace is down", "first: ip link set lo up");
}

async function ensureProgram(owncast: string): Promise<void> {
  const remedy = "name Owncast's program with --owncast";
  await access(resolve(owncast), constants.X_OK).catch((error: unknown) => {
    throw new CliError(ExitCode.failed, `${owncast} cannot be started (${fileFault(error)})`, remedy);
  });
  if (!(await stat(resolve(owncast))).isFile())
    throw new CliError(ExitCode.failed, `${owncast} cannot be started: it is no program`, remedy);
}

async function prepareState(stateDir: string): Promise<OpenLock> {
  await makeDatabase(join(stateDir, "data"));
  const file = join(stateDir, "bootstrap.lock");
  return { file, handle: await openLock(file) };
}

interface RunningOwncast {
  /** Never resolves; rejects when Owncast ends by itself. */
  readonly died: Promise<never>;
  stop(): Promise<void>;
}

/**
 * A command that the kernel ends when this process ends, killed or not: a server with the public stream key must not stay.
 * The shell makes sure that this process is still there, for before that nobody would have told the kernel.
 */
const endingWithUs = (command: readonly string[]): [string, ...string[]] => {
  const ifWeAreHere = '[ "$PPID" = "$0" ] && exec "$@"';
  return ["setpriv", "--pdeathsig", "KILL", "/bin/sh", "-c", ifWeAreHere, `${process.pid}`, ...command];
};

const noVideo = fileURLToPath(new URL("no-video", import.meta.url));

function startOwncast(
  { owncast, stateDir }: BootstrapOptions,
  password: string,
  webPort: number,
  rtmpPort: number,
): RunningOwncast {
  const flags = ["-webserverip", "127.0.0.1", "-webserverport", `${webPort}`, "-rtmpport", `${rtmpPort}`];
  // The one password that may stand in argv: made for this start, never valid outside this namespace.
  const [command, ...args] = endingWithUs([resolve(owncast), ...flags, "-adminpassword", password]);
  const child = spawn(command, args, {
    cwd: stateDir,
    env: { ...process.env, PATH: [noVideo, process.env.PATH].join(delimiter) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log: string[] = [];
  let isDamaged = false;
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      isDamaged ||= isDamage(text);
      log.push(...text.split("\n").filter((line) => line !== ""));
      log.splice(0, log.length - 20);
    });
  let stopping = false;
  const died = new Promise<never>((_, reject) => {
    child.once("error", (error) =>
      reject(
        new CliError(
          ExitCode.failed,
          `${owncast} cannot be started: ${error.message}`,
          "it needs util-linux, whose `setpriv` ends it together with bootstrap",
        ),
      ),
    );
    child.once("exit", (code, exitSignal) => {
      if (stopping) return;
      if (isDamaged) return reject(noDatabase(join(stateDir, "data/owncast.db"), "is damaged"));
      const tail = log.map((line) => `  ${line.replaceAll(password, "…")}`).join("\n");
      reject(
        new CliError(
          ExitCode.failed,
          `Owncast ended while it was being configured (${exitSignal ?? `exit ${code}`}); its last lines:\n${tail}`,
        ),
      );
    });
  });
  died.catch(() => {});
  return {
    died,
    async stop() {
      stopping = true;
      await endProcess(child);
    },
  };
}
