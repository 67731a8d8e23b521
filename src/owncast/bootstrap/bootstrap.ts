import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants, readFileSync } from "node:fs";
import { access, stat } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { endProcess } from "../../lib/child-process.ts";
import { fileFault } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { freePort } from "../../lib/free-port.ts";
import { type OpenLock, openLock, withLock } from "../../lib/lock.ts";
import type { Applied } from "../apply/apply.ts";
import type { OnWritten } from "../apply/write.ts";
import type { SeedWithSecrets } from "../seed/read-seed.ts";
import { isDamage, makeDatabase, noDatabase } from "./database.ts";

export interface BootstrapOptions {
  /** Called after Owncast starts, so that reading the seed overlaps with its start-up. */
  readonly seed: () => Promise<SeedWithSecrets>;
  /** Owncast's program. */
  readonly owncast: string;
  /** Holds Owncast's data folder (`data`) and the access tokens that it makes (`tokens`). */
  readonly stateDir: string;
  readonly deadlineSeconds: number;
  /** Called before Owncast starts, while no other bootstrap uses the state folder. */
  readonly before?: () => Promise<void>;
  readonly signal?: AbortSignal;
  readonly onWritten?: OnWritten;
  /** Gets a line for people if bootstrap has to wait. */
  readonly say?: (line: string) => void;
}

/**
 * Configures an Owncast before anybody can reach it: starts it inside a private network namespace with a one-time admin
 * password, applies the seed, sets the real password last, and stops it. Throws CliError 1 outside of such a namespace,
 * and with the last lines of Owncast's log if Owncast ended.
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
      "--state-dir takes a folder that this user may write",
    );
  });
  const what = `another bootstrap of ${stateDir}`;
  return withLock(lock, { ...options, what }, async () => {
    await options.before?.();
    return configure(options);
  });
}

/** The caller holds a lock: two servers would spoil one database. */
async function configure(options: BootstrapOptions): Promise<Applied> {
  const { seed, stateDir, deadlineSeconds, signal, onWritten } = options;
  await ensureProgram(options.owncast);
  const currentPassword = randomBytes(24).toString("base64url");
  const [webPort, rtmpPort] = [await freePort(), await freePort()];
  const server = startOwncast(options, currentPassword, webPort, rtmpPort);
  const over = new AbortController();
  try {
    const url = `http://127.0.0.1:${webPort}`;
    const stop = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
    const configured = async (): Promise<Applied> => {
      const [{ applyAlone }, seedWithSecrets] = await Promise.all([import("../apply/apply.ts"), seed()]);
      const target = { ...seedWithSecrets, url, deadlineSeconds, currentPassword, stateDir, signal: stop };
      return applyAlone(target, onWritten);
    };
    return await Promise.race([configured(), server.died]);
  } catch (error) {
    if (signal?.aborted)
      throw new CliError(ExitCode.failed, "stopped before everything was configured; the server stays shut off");
    throw error;
  } finally {
    // If the server ended, the apply stops too and does not wait until its deadline.
    over.abort();
    await server.stop();
  }
}

// Fallback tunnels that the kernel puts into every new namespace if their module is loaded. They have no address, so nobody can use them.
const kernelTunnels = /^(tunl|sit|ip6tnl|gre|gretap|erspan|ip_vti|ip6_vti|ip6gre)0$/;

/** Makes sure that nobody can reach Owncast's RTMP port with its public default key. Throws CliError 1. */
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

/** In a new network namespace loopback is down, so the server would be unreachable. Throws CliError 1. */
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
    throw new CliError(ExitCode.failed, `${owncast} cannot be started: it is not a program`, remedy);
}

async function prepareState(stateDir: string): Promise<OpenLock> {
  await makeDatabase(join(stateDir, "data"));
  return openLock(join(stateDir, "bootstrap.lock"));
}

interface RunningOwncast {
  /** Never resolves; rejects if Owncast ends by itself. */
  readonly died: Promise<never>;
  stop(): Promise<void>;
}

/**
 * A command that the kernel kills when this process ends, however it ends: a server with the public stream key must not
 * stay. If this process ends before `setpriv` has told the kernel, the shell starts nothing.
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
  // The only password that may stand in argv: it is made for this start and never valid outside this namespace.
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
