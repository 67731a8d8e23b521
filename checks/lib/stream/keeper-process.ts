import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { bindOnly } from "../process/bound-socket.ts";
import { lecternCommand } from "../process/lectern-command.ts";

/** `lectern keeper` on a socket that outlives it, as with systemd: requests wait while it restarts. */
export interface KeeperProcess {
  /** Its address; `unix:` and the path if it listens on one. */
  readonly url: string;
  /** Starts it, on the same socket and folders as before. */
  start(): Promise<void>;
  /** Kills it; the socket stays open. */
  kill(): Promise<void>;
  /** The running process. */
  pid(): number;
  /** Resolves to the signal that ended it, once it has ended. */
  ended(): Promise<NodeJS.Signals | null>;
  /** Kills it and closes the socket: later connections are refused. */
  stop(): Promise<void>;
}

/** Changes to its usual start. */
export interface KeeperStart {
  /** Shell commands that its process runs before it becomes the keeper. */
  readonly before?: string;
  readonly nodeOptions?: readonly string[];
  /** Further options of the command. */
  readonly more?: readonly string[];
}

/** `place` is a port of loopback, or the path of a socket. */
export async function startKeeper(
  place: number | string,
  owncastUrl: string,
  hlsDir: string,
  { before = ":", nodeOptions = [], more = [] }: KeeperStart = {},
): Promise<KeeperProcess> {
  const socket = bindOnly(place);
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  const start = async () => {
    const flags = ["--owncast", owncastUrl, "--hls-dir", hlsDir, "--listen", "systemd", "--grace", "30", ...more];
    const [node = "", ...rest] = lecternCommand("keeper", ...flags);
    const command = [node, ...nodeOptions, ...rest];
    child = spawn("sh", ["-c", `${before}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"`, "sh", ...command], {
      stdio: ["ignore", "inherit", "pipe", socket.fd],
    });
    const said = child.stderr as NonNullable<ChildProcess["stderr"]>;
    for await (const chunk of said) if (`${chunk}`.includes("answering playlists")) break;
  };
  await start();
  return {
    url: typeof place === "string" ? `unix:${place}` : `http://127.0.0.1:${place}`,
    start,
    kill,
    pid: () => child?.pid ?? 0,
    async ended() {
      if (child && child.exitCode === null && child.signalCode === null) await once(child, "exit");
      return child?.signalCode ?? null;
    },
    async stop() {
      await kill();
      socket.close();
    },
  };
}
