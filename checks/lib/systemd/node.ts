import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { named } from "./from-set-up.ts";
import { type Answer, answerOf, until } from "./node-command.ts";
import type { BootMessage, NodeSpec } from "./node-spec.ts";

/** A machine under test: real systemd as the first process of its own namespaces. */
export interface Node {
  /** Its address on the cable. */
  readonly address: string;
  /** Another of its addresses. Connections from outside to this one also come from another address. */
  readonly addressForStrangers: string;
  /** The process that holds it; its network namespace is the outside world. */
  readonly holder: number;
  /** Runs a command in the node, as root. */
  run(...command: string[]): Promise<Answer>;
  /** Runs a command in the node and resolves to its trimmed standard output. Rejects with its whole output if it fails. */
  succeed(...command: string[]): Promise<string>;
  /** The command line to use instead, for a program of this machine that must see only the node's outside. */
  fromOutside(command: readonly string[]): string[];
  /** Like `fromOutside`, for a program that must see the node's network as the node's services do. */
  fromInside(command: readonly string[]): string[];
  /** The path of a file of the node for programs of this machine. */
  file(path: string): string;
  /** Shuts the node down as a person does and boots it again: it loses its memory and keeps its disk. */
  reboot(): Promise<void>;
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>;
}

const bootPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin";

export interface NodeOptions extends Pick<NodeSpec, "lower" | "files" | "binds"> {
  /** Called when the node has its network, and systemd has yet to start its first unit. */
  readonly onBoot?: ((node: Node) => void) | undefined;
}

/** Boots a node on its own layer over the root file system `lower`. Removes `files` with the node. Resolves when systemd responds. */
export async function startNode({ lower, files, binds, onBoot }: NodeOptions): Promise<Node> {
  const name = `node-${randomBytes(4).toString("hex")}`;
  const folder = mkdtempSync(join(tmpdir(), "lectern-node-"));
  const [address, neighbour] = ["192.0.2.1", "192.0.2.2"];
  const stranger = { address: "198.51.100.1", neighbour: "198.51.100.2" };
  const spec: NodeSpec = { name, folder, lower, files, binds, address, neighbour, stranger };
  const holder = hold(spec);
  let pid = await nextBoot(holder);
  const enter = (command: readonly string[]) => [
    "nsenter",
    `--target=${pid}`,
    "--all",
    "--",
    "env",
    "-i",
    `PATH=${bootPath}`,
    "HOME=/root",
    "TERM=dumb",
    ...command,
  ];
  const run = (...command: string[]) => answerOf(enter(command));
  const answers = () =>
    until(
      "systemd answers",
      async () => !/^(offline|unknown|)$/.test((await run("systemctl", "is-system-running")).stdout.trim()),
    );
  const node: Node = {
    address,
    addressForStrangers: stranger.address,
    holder: holder.pid ?? 0,
    run,
    async succeed(...command) {
      const { code, stdout, stderr } = await run(...command);
      if (code !== 0) throw new Error(`${command.join(" ")}: ended with ${code}\n${stdout}${stderr}`);
      return stdout.trim();
    },
    fromOutside: (command) => ["nsenter", `--net=/proc/${holder.pid}/ns/net`, "--", ...command],
    fromInside: (command) => ["nsenter", `--net=/proc/${pid}/ns/net`, "--", ...command],
    file: (path) => `/proc/${pid}/root${path}`,
    async reboot() {
      const booted = nextBoot(holder);
      holder.send("boot again");
      await run("systemctl", "reboot");
      pid = await booted;
      await answers();
    },
    async stop() {
      if (holder.exitCode !== null) return;
      const gone = once(holder, "exit");
      holder.disconnect();
      await gone;
    },
  };
  onBoot?.(node);
  await answers();
  return node;
}

function hold(spec: NodeSpec): ChildProcess {
  const program = fileURLToPath(new URL("node-holder.ts", import.meta.url));
  const flags = ["--mount", "--net", "--propagation", "private", "--"];
  return spawn("unshare", [...flags, named("NODE24"), program, JSON.stringify(spec)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // A session of its own: the holder can clean up even if somebody kills all processes of the tests.
    detached: true,
  });
}

/** Resolves to the process id of systemd at the node's next boot; rejects if its holder ends first. */
async function nextBoot(holder: ChildProcess): Promise<number> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(holder, "message", { signal }).then(([message]) => (message as BootMessage).pid),
      once(holder, "exit", { signal }).then(() => {
        throw new Error("the node could not be booted; its holder says why, above");
      }),
    ]);
  } finally {
    over.abort();
  }
}
