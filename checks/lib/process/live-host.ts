import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../../src/lib/programs.ts";
import { parseRtmpUrl, type RtmpTarget } from "../../../src/media/rtmp/rtmp-target.ts";
import { type Publisher, startPublisher } from "../../../src/publish/publisher.ts";
import { type Gate, startGate } from "../../../src/services/gate/gate.ts";
import { startPlainOwncast } from "../owncast/plain-owncast.ts";
import { untilOnline } from "../stream/owncast-state.ts";
import { type TestHost, writeTestHost } from "./installed-host.ts";
import type { PrivateNetwork } from "./private-network.ts";
import { runLectern, type VerbOutcome } from "./run-verb.ts";

/** A machine with a host's file of stages, and a real Owncast behind the gate for the stage `main`. */
export interface LiveHost extends TestHost {
  readonly owncastUrl: string;
  /** The folder of all its files. */
  readonly folder: string;
  /** Owncast's folder of playlists and segments, and its network. */
  readonly hlsDir: string;
  readonly network: PrivateNetwork;
  readonly gate: Gate;
  /** The address and stream key for cameras. */
  readonly target: RtmpTarget;
  readonly streamKey: string;
  /** The values of its secrets: no command may print one. */
  readonly canaries: readonly string[];
  /** Runs `lectern …` in the test's process, as on this host. */
  lectern(...args: readonly string[]): Promise<VerbOutcome>;
  /** Asks the admin API with the stage's password. Throws if Owncast refuses. */
  admin(path: string, body?: object): Promise<unknown>;
  /** Starts a camera; resolves when viewers see it. */
  goLive(): Promise<Publisher>;
  stop(): Promise<void>;
}

const password = "canary-of-the-password";
const streamKey = "canary-of-the-key";

export interface LiveHostOptions {
  readonly checksCamera?: boolean;
  /** The values of secrets that the stage needs besides its own two, by name. */
  readonly given?: Readonly<Record<string, string>>;
}

/**
 * Starts the server and applies the stage to it by its name. With `checksCamera` the host knows the gate's socket and the folder
 * of segments. Then `status` judges camera and encoder, and a busy machine's encoder may be too slow.
 */
export async function startLiveHost(
  stage: object,
  { checksCamera = false, given = {} }: LiveHostOptions = {},
): Promise<LiveHost> {
  const secrets = { "admin-password": password, "stream-key": streamKey, ...given };
  const folder = mkdtempSync(join(tmpdir(), "lectern-host-"));
  const owncast = await startPlainOwncast();
  // Each command reads the settings. A cheap password spares Owncast most of the work.
  await owncast.restartWith(password);
  const gateStatusSocket = join(folder, "gate.sock");
  const known = checksCamera ? { gateStatusSocket, hlsDir: owncast.hlsDir } : {};
  const host = writeTestHost(folder, { stage, owncastUrl: owncast.url, secrets, ...known });
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  const lectern = (...args: readonly string[]) => {
    process.env.LECTERN_STAGES = host.file;
    return runLectern(args);
  };
  const applied = await lectern("apply", "main");
  if (applied.code !== 0) throw new Error(applied.stderr);
  const keys = join(folder, "gate-keys");
  mkdirSync(keys);
  writeFileSync(join(keys, "stream-key"), `${streamKey}\n`, { mode: 0o600 });
  const gate = await startGate({
    ...{ listen: "127.0.0.1:0", owncast: `${owncast.rtmp.host}:${owncast.rtmp.port}`, owncastUrl: owncast.url },
    ...{ seedFile: join(folder, "main.yaml"), secrets: keys, say: () => {} },
    ...{ status: `unix:${gateStatusSocket}`, ffmpeg: findProgram("ffmpeg") },
  });
  const target = parseRtmpUrl(`rtmp://127.0.0.1:${await gate.listening}/live`);
  return {
    ...host,
    ...{ folder, gate, target, streamKey, hlsDir: owncast.hlsDir, network: owncast.network },
    owncastUrl: owncast.url,
    canaries: Object.values(secrets),
    lectern,
    async admin(path, body) {
      const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
      const response = await fetch(`${owncast.url}/api/admin/${path}`, { ...init, headers: { authorization } });
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return response.json();
    },
    async goLive() {
      const small = { width: 320, height: 180, fps: 15, bitrateKbps: 300 };
      const camera = startPublisher({ target, streamKey, ...small });
      await camera.started;
      await untilOnline(owncast.url);
      return camera;
    },
    async stop() {
      delete process.env.LECTERN_STAGES;
      await gate.stop();
      await owncast.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
