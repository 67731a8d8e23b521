import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { recordVideo, repeated } from "../../checks/lib/far/steady-video.ts";
import { type CountingLine, countingLine } from "../../checks/lib/site/counting-line.ts";
import { cacheIn, type GoldenFront, type GoldenFrontOptions } from "../../checks/lib/site/front.ts";
import { startGoldenCaddy } from "../../checks/lib/site/golden-caddy.ts";
import { edgeSites, type GoldenEdge, startGoldenEdge } from "../../checks/lib/site/golden-edge.ts";
import { startGoldenNginx } from "../../checks/lib/site/golden-nginx.ts";
import type { Front } from "../../checks/lib/site/golden-site.ts";
import { type KeeperProcess, startKeeper } from "../../checks/lib/stream/keeper-process.ts";
import { playTo } from "../../checks/lib/stream/recorded-stream.ts";
import { loadFile } from "../../codegen/load/load-seed.ts";
import type { Part } from "../../src/local/part.ts";
import { type LocalStage, startStage } from "../../src/local/stage.ts";
import { parseRtmpUrl } from "../../src/media/rtmp/rtmp-target.ts";
import { edgeDoor } from "../../src/services/doors/edge-door.ts";
import { makeHttpClient } from "../../src/viewer/http-client.ts";
import { segmentsIn } from "../calibrate/live-stage.ts";
import { withWorkers } from "../delivery/processor.ts";
import type { Target } from "./crowd-worker.ts";

/** The camera's rate, which viewers get. */
export const kbps = 2500;
const recordedSeconds = 20;
const segmentsAtLeast = 6;
const edgeSecret = "the-secret-of-the-benchmarks-edges-1234567890";
const originName = "one.test";
/** By these addresses the origin tells its edges apart. */
const edgeAddresses = ["127.0.2.1", "127.0.3.1"] as const;

/** An edge, and the line by which it reaches the origin. */
export interface Edge {
  readonly edge: GoldenEdge;
  readonly line: CountingLine;
  readonly target: Target;
  /** Its network in the origin's log. */
  readonly network: string;
  pids(): readonly number[];
}

/** A live stage with its origin and two edges. */
export interface EdgeStand {
  readonly stage: LocalStage;
  readonly front: Front;
  readonly edges: readonly [Edge, Edge];
  /** The line by which viewers reach the origin without an edge. */
  readonly direct: { readonly line: CountingLine; readonly target: Target };
  /** The origin without a line before it. */
  origin(): { readonly target: Target; readonly front: GoldenFront };
  /** Kills the origin's front, as if the machine were gone. */
  killOrigin(): Promise<void>;
  /** Starts it again, with its certificate. */
  startOrigin(): Promise<void>;
  /** The servers that work for a request at the origin. */
  originPids(): readonly number[];
  /** Lines of the origin's access log from here on. */
  originLog(): () => readonly LoggedRequest[];
}

/** A line of the origin's access log, of either front. */
export interface LoggedRequest {
  /** Unix time in seconds. */
  readonly ts: number;
  readonly status: number;
  readonly size: number;
  readonly duration: number;
  readonly request: { readonly remote_ip: string; readonly method: string; readonly uri: string };
}

/** Starts everything as `parts`, in `folder`. Rejects when `signal` aborts. */
export async function startEdgeStand(
  { folder, front, parts }: { readonly folder: string; readonly front: Front; readonly parts: Part[] },
  signal: AbortSignal,
): Promise<EdgeStand> {
  const add = (name: string, stop: () => unknown, died: Promise<never> = new Promise(() => {})) =>
    parts.push({ name, died, stop: async () => void (await stop()) });
  const stageDir = join(folder, "main");
  mkdirSync(stageDir);
  const stage = await startStage({
    ...(await loadFile("bench/delivery/stage.yaml")),
    ...{ folder: stageDir, signal, keeper: async () => "", front: async () => {} },
  });
  add("the stage", stage.stop, stage.anyDied());
  const socket = join(folder, "keeper.sock");
  const keeper: KeeperProcess = await startKeeper(socket, stage.owncastUrl, stage.hlsDir);
  add("the keeper", keeper.stop);

  const cache = join(cacheIn(folder), "main");
  mkdirSync(cache, { recursive: true });
  // The keeper's folder of held segments is on a host only; Owncast's has the same names.
  for (const name of ["hls", "hls-kept"]) symlinkSync(stage.hlsDir, join(cache, name));
  const door = join(folder, "door");
  mkdirSync(door);
  const doorName = { caddy: "door.caddyfile", nginx: "door.nginx" }[front];
  writeFileSync(join(door, doorName), await edgeDoor(edgeSecret, front)(undefined));
  const options: GoldenFrontOptions = {
    ...{ folder, sites: [originName] },
    places: {
      "127.0.0.1:8080": new URL(stage.owncastUrl).host,
      "/run/lectern/main-keeper.sock": socket,
      "/run/lectern/edge-door": door,
    },
    // The log shows video too: it is what an edge asks for.
    texts: { caddy: { [unlogged]: "" }, nginx: { "access_log off;": "" } },
  };
  const startFront = () =>
    front === "caddy" ? startGoldenCaddy("origin", options) : startGoldenNginx("origin", options);
  let running = await startFront();
  add("the origin", () => running.stop());

  const camera = await playTo(
    parseRtmpUrl(stage.rtmpUrl),
    stage.reveal(stage.seed.access.streamKeys[0]?.secret ?? ""),
    repeated(await recordVideo(kbps, recordedSeconds), recordedSeconds, 3600),
  );
  add("the camera", () => camera.end());

  const lines = [
    await countingLine(running.ports.https),
    await countingLine(running.ports.https, edgeAddresses[0]),
    await countingLine(running.ports.https, edgeAddresses[1]),
  ] as const;
  add("the lines", () => lines.forEach((line) => void line.cut()));
  const startEdge = async (name: string, line: CountingLine, address: string): Promise<Edge> => {
    const place = join(folder, name);
    const secret = join(place, "run/edge-secret");
    mkdirSync(secret, { recursive: true });
    writeFileSync(join(secret, "door.nginx"), await edgeDoor(edgeSecret, "edge")(undefined));
    const texts = { [edgeSites.full]: "localhost", [edgeSites.full.replaceAll(".", "\\.")]: "localhost" };
    const edge = await startGoldenEdge(place, { port: line.port, caFile: running.caFile, texts });
    add(name, edge.stop);
    const target = { origin: `https://localhost:${edge.port}`, caFile: edge.caFile };
    const network = address.replace(/\d+$/, "0");
    return { edge, line, target, network, pids: () => withWorkers(Number(readFileSync(join(place, "nginx.pid")))) };
  };
  const edges = [
    await startEdge("edge-a", lines[1], edgeAddresses[0]),
    await startEdge("edge-b", lines[2], edgeAddresses[1]),
  ] as const;

  const playlist = join(stage.hlsDir, "0/stream.m3u8");
  while (segmentsIn(playlist).length < segmentsAtLeast)
    await Promise.race([sleep(100, undefined, { signal }), stage.anyDied()]);
  const targetAt = (port: number): Target => ({ origin: `https://${originName}:${port}`, caFile: running.caFile });
  const logFile = running.accessLog("main");
  return {
    ...{ stage, front, edges },
    direct: { line: lines[0], target: targetAt(lines[0].port) },
    origin: () => ({ target: targetAt(running.ports.https), front: running }),
    async killOrigin() {
      for (const line of lines) line.cut();
      for (const pid of pidsOf(running)) process.kill(pid, "SIGKILL");
      await running.stop();
    },
    async startOrigin() {
      running = await startFront();
      for (const line of lines) await line.mend(running.ports.https);
    },
    originPids: () => [...pidsOf(running), keeper.pid(), stage.part("Owncast").pid ?? Number.NaN],
    originLog() {
      const from = readFileSync(logFile).length;
      return () => logLines(readFileSync(logFile).subarray(from).toString()).map(edgeOf(front));
    },
  };
}

/** nginx logs the viewer's network that the edge names, instead of the edge's. */
const edgeOf =
  (front: Front) =>
  (line: LoggedRequest): LoggedRequest =>
    front === "caddy" ? line : { ...line, request: { ...line.request, remote_ip: "edges" } };

const unlogged = "\t\tvars {\n\t\t\tskip_log true\n\t\t\tlog_skip true\n\t\t}\n";

const pidsOf = ({ server }: GoldenFront): readonly number[] => withWorkers(server.pid ?? Number.NaN);

const logLines = (text: string): LoggedRequest[] =>
  text
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as LoggedRequest);

/** A client that reaches a target as a viewer does. */
export const clientOf = ({ caFile, origin }: Target) => {
  const { hostname, port } = new URL(origin);
  return makeHttpClient({ caFile, resolve: [{ host: hostname, port: Number(port), address: "127.0.0.1" }] });
};

/** The newest segment that a playlist of a target lists, with its path; undefined if it lists none. */
export async function newestOf(client: Awaited<ReturnType<typeof makeHttpClient>>, { origin }: Target) {
  const { status, body } = await client.fetch(`${origin}/hls/0/stream.m3u8`);
  const name = status === 200 ? `${body}`.match(/^stream-(?!offline)\S+\.ts$/gm)?.at(-1) : undefined;
  return name && `/hls/0/${name}`;
}
