import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CliError, ExitCode } from "../lib/errors.ts";
import { onPath } from "../lib/programs.ts";
import { endingSignals } from "../lib/signals.ts";
import type { DemoMessage, DemoRun } from "./run.ts";

const patienceMs = 10_000;

/**
 * Runs the demo's inner process as the first process of a PID namespace and resolves to its exit code.
 * However either of the two ends, the kernel ends everything in that namespace with it, its mounts and networks too.
 */
export async function runIsolated(run: DemoRun): Promise<ExitCode> {
  process.once("exit", () => rmSync(run.dir, { recursive: true, force: true }));
  const inside = fileURLToPath(new URL("inside.ts", import.meta.url));
  const child = spawn(
    "unshare",
    [...namespaceFlags(), "--", process.execPath, ...process.execArgv, inside, JSON.stringify(run)],
    {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // A session of its own: the terminal's Ctrl-C comes here alone and is passed on once.
      detached: true,
    },
  );
  let isUp = false;
  let endsWith: ExitCode | undefined;
  child.on("message", (message: DemoMessage) => {
    if ("up" in message) isUp = true;
    else endsWith = message.endsWith;
  });
  const interrupted = passOnSignals(child);
  await once(child, "exit");
  if (interrupted() && isUp && !run.once) return ExitCode.done;
  if (interrupted()) throw new CliError(ExitCode.failed, "stopped before the stream was proven");
  if (endsWith === undefined) throw new CliError(ExitCode.failed, "the demo's inner process was killed");
  return endsWith;
}

/** What namespaces are made of, entered with and locked by, and Debian's package of each. */
const tools = {
  unshare: "util-linux",
  nsenter: "util-linux",
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

/** Root may make the namespaces as it is; anybody else inside a user namespace. Throws CliError (1) where the kernel allows neither. */
function namespaceFlags(): string[] {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const flags = [...user, "--pid", "--fork", "--kill-child", "--mount", "--mount-proc"];
  const trial = spawnSync("unshare", [...flags, "--net", "--", "true"], { encoding: "utf8" });
  if (trial.status === 0) return flags;
  throw new CliError(
    ExitCode.failed,
    `this system does not let lectern make namespaces, and without them Owncast's RTMP port would be open to everybody: ${(trial.stderr ?? trial.error?.message ?? "").trim()}`,
    "run as root, or allow them: sysctl -w kernel.unprivileged_userns_clone=1 (in a container: --privileged)",
  );
}

/** The first signal asks the inner process to end, the second one does not ask. */
function passOnSignals(child: ChildProcess): () => boolean {
  let count = 0;
  for (const signal of endingSignals)
    process.on(signal, () => {
      count += 1;
      if (count > 1) return child.kill("SIGKILL");
      process.stderr.write("\nstopping …\n");
      if (child.connected) child.send("stop");
      // Should it hang, what it holds must not.
      return setTimeout(() => child.kill("SIGKILL"), patienceMs).unref();
    });
  return () => count > 0;
}
