import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import type { Server } from "node:net";
import { fileURLToPath } from "node:url";
import { onEndings } from "../lib/ending-signals.mjs";
import { CliError, ExitCode } from "../lib/errors.ts";
import { onPath } from "../lib/programs.ts";
import type { DemoRun } from "./demo.ts";
import type { OpenPorts } from "./ports.ts";

/** A message to the inner process: the run, then a server for each port, and the order to stop. */
export type OuterMessage = DemoRun | { readonly port: number } | { readonly stop: true };

/**
 * A message to the outer process: that the stream is up (from then on an interrupt is the regular end), and the exit code. A
 * killed inner process cannot send its code.
 */
export type InnerMessage = { readonly up: true } | { readonly endsWith: ExitCode };

/** A port of the demo, and what listens on it outside. */
export interface PassedPort {
  readonly port: number;
  readonly server: Server;
}

const patienceMs = 10_000;

/**
 * Runs the demo's inner process as the first process of PID, mount and network namespaces and resolves to its exit code.
 * When one of the two ends, for any reason, the kernel ends all processes in those namespaces. Only the open ports lead into them;
 * `more` are those of edges and of object storage.
 */
export async function runIsolated(run: DemoRun, open: OpenPorts, more: readonly PassedPort[] = []): Promise<ExitCode> {
  process.once("exit", () => rmSync(run.folder, { recursive: true, force: true }));
  const inside = fileURLToPath(new URL("inside.ts", import.meta.url));
  const child = spawn("unshare", [...namespaceFlags(), "--", process.execPath, ...process.execArgv, inside], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
    // A session of its own: the terminal's Ctrl-C comes to this process alone.
    detached: true,
  });
  let isUp = false;
  let endsWith: ExitCode | undefined;
  child.on("message", (message: InnerMessage) => {
    if ("up" in message) isUp = true;
    else endsWith = message.endsWith;
  });
  const tell = (message: OuterMessage) => child.connected && child.send(message);
  const interrupted = onInterrupts(child, () => tell({ stop: true }));
  tell(run);
  // The socket was made outside, so it listens outside. The inner process handles its connections inside.
  const ports = (["https", "rtmp", "admin"] as const).map((name) => ({ port: run.ports[name], server: open[name] }));
  for (const { port, server } of [...ports, ...more]) child.send({ port }, server, () => server.close());
  await once(child, "exit");
  if (interrupted() && isUp && !run.once) return ExitCode.done;
  if (interrupted())
    throw new CliError(ExitCode.failed, `stopped before the stream was proven${run.crowd ? " and rehearsed" : ""}`);
  if (endsWith === undefined) throw new CliError(ExitCode.failed, "the demo's inner process was killed");
  return endsWith;
}

/** The programs that make and configure namespaces and that lock, with Debian's package of each. */
const tools = {
  unshare: "util-linux",
  setpriv: "util-linux",
  flock: "util-linux",
  ip: "iproute2",
};

/** Throws CliError 1 that names all of the programs that are not on PATH. */
export function ensureNamespaceTools(): void {
  const missing = Object.entries(tools).filter(([name]) => onPath(name) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, owner]) => owner))].join(" and ");
  const names = missing.map(([name]) => name).join(", ");
  throw new CliError(
    ExitCode.failed,
    `not found on PATH: ${names}`,
    `install ${packages}, or start it with \`npm start\``,
  );
}

/** Root makes the namespaces directly; other users need a user namespace. Throws CliError (1) if the kernel allows neither. */
function namespaceFlags(): string[] {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const flags = [...user, "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--net"];
  const trial = spawnSync("unshare", [...flags, "--", "true"], { encoding: "utf8" });
  if (trial.status === 0) return flags;
  throw new CliError(
    ExitCode.failed,
    `this system does not let lectern make namespaces, and without them Owncast's RTMP port would be open to everybody: ${(trial.stderr ?? trial.error?.message ?? "").trim()}`,
    "run as root, or allow them: sysctl -w kernel.unprivileged_userns_clone=1 (in a container: --privileged)",
  );
}

/**
 * The first request to end asks the child to end, and kills it after 10 s. A second request kills it at once.
 * Returns a function that tells whether there was a request. Tests pass their own `source` of signals.
 */
export function onInterrupts(
  child: Pick<ChildProcess, "kill">,
  ask: () => void,
  source: Pick<NodeJS.EventEmitter, "on" | "off"> = process,
): () => boolean {
  let isInterrupted = false;
  onEndings(() => {
    if (isInterrupted) child.kill("SIGKILL");
    isInterrupted = true;
    process.stderr.write("\nstopping …\n");
    ask();
    setTimeout(() => child.kill("SIGKILL"), patienceMs).unref();
  }, source);
  return () => isInterrupted;
}
