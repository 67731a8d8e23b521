import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { bindOnly } from "../../../cli/test-bound-socket.ts";

/** `lectern hls` on a socket that outlives it, as systemd hands it over: requests wait while it is started anew. */
export interface KeeperProcess {
  readonly url: string;
  /** Starts it, on the same socket and folders as before. */
  start(): Promise<void>;
  /** Kills it; the socket stays open. */
  kill(): Promise<void>;
  /** Kills it and closes the socket: nobody answers any more. */
  stop(): Promise<void>;
}

export async function startKeeper(port: number, owncastUrl: string, hlsDir: string): Promise<KeeperProcess> {
  const socket = bindOnly(port);
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  const start = async () => {
    const command = [process.execPath, "--import", "tsx", "cli/main.ts", "hls", "--owncast", owncastUrl];
    const flags = ["--hls-dir", hlsDir, "--listen", "systemd", "--grace", "30"];
    child = spawn("sh", ["-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "sh", ...command, ...flags], {
      stdio: ["ignore", "inherit", "pipe", socket.fd],
    });
    const said = child.stderr as NonNullable<ChildProcess["stderr"]>;
    for await (const chunk of said) if (`${chunk}`.includes("answering playlists")) break;
  };
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    start,
    kill,
    async stop() {
      await kill();
      socket.close();
    },
  };
}
