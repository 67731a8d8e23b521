import { fork, spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ForksPoolWorker } from "vitest/node";

/**
 * The network of a test file: loopback only, loopback and one interface (then Chromium reports that it is online), or the machine's.
 * @typedef {"loopback" | "online" | "machine"} Network
 */

/** @typedef {{ isRoot: boolean, succeeds: (command: readonly string[]) => boolean }} Machine */

// This shell stays the first process of the PID namespace and collects orphans. When it ends, the kernel ends all others.
const enter = `
  set -e
  network=$1 folder=$2
  shift 2
  [ "$network" = machine ] || ip link set lo up
  if [ "$network" = online ]; then
    ip link add viewer type veth peer name world
    ip addr add 192.0.2.1/24 dev viewer
    ip link set viewer up
    ip link set world up
  fi
  mount -t tmpfs -o mode=1777 tmpfs "$folder"
  export TMPDIR="$folder"
  # Servers keep locks there, and test files would share them.
  unset XDG_RUNTIME_DIR
  set +e
  "$@"
  exit $?`;

/**
 * The command that starts a program in its own network, PID and mount namespaces. `folder` holds its temporary files, in memory.
 * When the process that runs the command ends, the kernel ends everything in the namespaces.
 * @param {Network} network
 * @param {string} folder
 * @param {{ isRoot: boolean }} machine
 */
export function namespaceCommand(network, folder, { isRoot }) {
  // The change to root in a user namespace resets the parent-death signal, so it comes before setpriv.
  const user = isRoot ? [] : ["unshare", "--user", "--map-root-user", "--"];
  const net = network === "machine" ? [] : ["--net"];
  const flags = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", ...net, "--"];
  return [...user, "setpriv", "--pdeathsig", "KILL", "unshare", ...flags, "sh", "-c", enter, "sh", network, folder];
}

/**
 * Whether the test files of a project run in their own namespaces. Another user than root would become root in them, so only projects
 * that need root get them then.
 * @param {Network} network
 * @param {boolean} needsRoot
 * @param {Machine} machine
 */
export function hasNamespaces(network, needsRoot, { isRoot, succeeds }) {
  if (!isRoot && !needsRoot) return false;
  const folder = mkdtempSync(join(tmpdir(), "lectern-"));
  try {
    return succeeds([...namespaceCommand(network, folder, { isRoot }), "true"]);
  } finally {
    rmdirSync(folder);
  }
}

export const thisMachine = {
  isRoot: process.getuid?.() === 0,
  /** @param {readonly string[]} command */
  succeeds: ([program = "", ...args]) => spawnSync(program, args).status === 0,
};

/** Vitest's worker for one file, started in namespaces of its own. */
class NamespacedWorker extends ForksPoolWorker {
  #folder = "";
  #network;

  /**
   * @param {import("vitest/node").PoolOptions} options
   * @param {Network} network
   */
  constructor(options, network) {
    super(options);
    this.#network = network;
  }

  /** @override */
  async start() {
    this.#folder = mkdtempSync(join(tmpdir(), "lectern-"));
    const [execPath = "", ...args] = namespaceCommand(this.#network, this.#folder, thisMachine);
    // Vitest forks in the same way, but cannot start another program. It takes a process that is there already.
    Object.assign(this, {
      _fork: fork(this.entrypoint, [], {
        execPath,
        execArgv: [...args, process.execPath, ...this.execArgv],
        env: this.env,
        stdio: "pipe",
        serialization: "advanced",
      }),
    });
    await super.start();
  }

  /** @override */
  async stop() {
    // The first process of a PID namespace ignores other signals. Vitest has already asked the test process to end.
    /** @type {{ _fork?: import("node:child_process").ChildProcess }} */ (/** @type {unknown} */ (this))._fork?.kill(
      "SIGKILL",
    );
    await super.stop();
    rmdirSync(this.#folder);
  }
}

/**
 * The pool of a project of vitest.config.ts. Each test file runs in its own namespaces, or in its own process if this user cannot make
 * namespaces.
 * @param {Network} network
 * @param {{ needsRoot?: boolean }} [options]
 * @returns {import("vitest/node").PoolRunnerInitializer}
 */
export function ownNamespaces(network, { needsRoot = false } = {}) {
  /** @type {boolean | undefined} */
  let isPossible;
  return {
    name: `own-namespaces-${network}`,
    createPoolWorker(options) {
      isPossible ??= hasNamespaces(network, needsRoot, thisMachine);
      return isPossible ? new NamespacedWorker(options, network) : new ForksPoolWorker(options);
    },
  };
}
