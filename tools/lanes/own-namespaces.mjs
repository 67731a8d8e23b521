import { fork, spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ForksPoolWorker } from "vitest/node";

/**
 * The network that a test file finds: loopback alone; an interface beside it, so that Chromium calls itself online; or the machine's.
 * @typedef {"loopback" | "online" | "machine"} Network
 */

/** @typedef {{ isRoot: boolean, succeeds: (command: readonly string[]) => boolean }} Machine */

// The first process of the file's own PID namespace. It stays, and so collects orphans; when it ends, the kernel ends the rest.
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
  # Locks of servers would be shared in there.
  unset XDG_RUNTIME_DIR
  set +e
  "$@"
  exit $?`;

/**
 * The command that starts a program in network, PID and mount namespaces of its own, with `folder` on memory for its temporary files.
 * It ends, with everything in the namespaces, when the process that started it does.
 * @param {Network} network
 * @param {string} folder
 * @param {{ isRoot: boolean }} machine
 */
export function namespaceCommand(network, folder, { isRoot }) {
  // Becoming root in a user namespace would take the signal for the parent's death away, if it came after that was set.
  const user = isRoot ? [] : ["unshare", "--user", "--map-root-user", "--"];
  const net = network === "machine" ? [] : ["--net"];
  const flags = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", ...net, "--"];
  return [...user, "setpriv", "--pdeathsig", "KILL", "unshare", ...flags, "sh", "-c", enter, "sh", network, folder];
}

/**
 * Whether a file of a project runs in namespaces of its own. Somebody who is not root could have them only as root of a user namespace: so
 * only what needs root gets them.
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
    // What vitest itself does, but for the program: it takes a process that is there already.
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
    // The first process of a PID namespace is deaf to anything else. Vitest has told the file's own process to end before.
    /** @type {{ _fork?: import("node:child_process").ChildProcess }} */ (/** @type {unknown} */ (this))._fork?.kill(
      "SIGKILL",
    );
    await super.stop();
    rmdirSync(this.#folder);
  }
}

/**
 * The pool of a project of vitest.config.ts: each test file in namespaces of its own, if the system lets this user make them, and in a
 * process of its own otherwise.
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
