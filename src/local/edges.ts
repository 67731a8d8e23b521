import { randomBytes } from "node:crypto";
import { mkdir, open, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSteering, type SteeringState } from "../host/steer-client.ts";
import { freePort } from "../lib/free-port.ts";
import { openDoor } from "../services/doors/door-file.ts";
import { edgeDoor } from "../services/doors/edge-door.ts";
import { checkTimes } from "../services/steer/edge-health.ts";
import { startSteerService } from "../services/steer/steer-service.ts";
import { trusting } from "../viewer/http-client.ts";
import { type EdgeFigures, SegmentCounts } from "./edge-figures.ts";
import { EdgeProcess } from "./edge-process.ts";
import { authorityLink, edgeConfiguration, secretFolder, segmentLog } from "./edge-site.ts";
import { untilAnswers } from "./part.ts";
import { type LocalStage, logTo, type StageEdges, seedFileOf } from "./stage.ts";
import { SteeredViewer, type Watched } from "./steered-viewer.ts";

/** The names of a demo's edges, in their order. */
export const edgeNames = ["paris", "tokyo", "bangkok", "london"] as const;
/** How many viewers of the demo's own watch near each edge. */
export const viewersPerEdge = 3;

/** An edge of the demo. */
export interface DemoEdge {
  readonly name: string;
  readonly port: number;
  /** `https://localhost:…` */
  readonly url: string;
  readonly folder: string;
  /** If a person makes this file, the edge is killed. */
  readonly killFile: string;
}

/** The edges of a demo before the stage starts. */
export interface PreparedEdges extends StageEdges {
  readonly list: readonly DemoEdge[];
  /** The socket of the steering service, for `lectern edge`. */
  readonly control: string;
}

// Viewers near an edge connect from addresses of such a network, all of which are this machine.
const networkOf = (place: number): string => `127.0.${place + 1}`;
const doorDir = "edge-door";

/** Makes the files that the stage needs to lead viewers to edges at these ports. */
export async function prepareEdges(folder: string, page: string, ports: readonly number[]): Promise<PreparedEdges> {
  const list = ports.map((port, place) => {
    const name = edgeNames[place] ?? `edge-${place + 1}`;
    const own = join(folder, "edges", name);
    return { name, port, url: `https://localhost:${port}`, folder: own, killFile: join(own, "kill") };
  });
  const file = join(folder, "edges.json");
  const edges = list.map(({ name, url }, place) => ({ name, url, networks: [`${networkOf(place)}.0/24`] }));
  await writeFile(file, JSON.stringify({ origin: page, edges }));
  const secret = randomBytes(32).toString("base64url");
  await mkdir(join(folder, doorDir), { mode: 0o700 });
  await openDoor({ folder: join(folder, doorDir), front: "caddy" }, edgeDoor(secret, "caddy"));
  for (const edge of list) {
    const secrets = join(edge.folder, secretFolder);
    await mkdir(secrets, { recursive: true, mode: 0o700 });
    await mkdir(join(edge.folder, "cache"));
    await openDoor({ folder: secrets, front: "nginx" }, edgeDoor(secret, "edge"));
  }
  const steering = `127.0.0.1:${await freePort()}`;
  const [orderFile, control] = [join(folder, "edges.order"), join(folder, "steer.sock")];
  return { file, orderFile, steering, doorDir, list, control };
}

/** Edges that run. */
export interface RunningEdges {
  readonly list: readonly DemoEdge[];
  /** What the steering service says, as `lectern edge list` shows it. */
  steering(): Promise<SteeringState>;
  /** What an edge has done since it was started the first time. */
  figures(edge: DemoEdge): Promise<EdgeFigures>;
  /** What each of the demo's own viewers has seen. */
  watched(): readonly Watched[];
  /** The value of LECTERN_STAGES with which `lectern edge` works on these edges. */
  readonly stagesFile: string;
}

/** Starts nginx for each edge, then the steering service and the viewers, as parts of the stage. An edge that dies comes back. */
export async function startEdges(stage: LocalStage, { list, file, ...places }: PreparedEdges): Promise<RunningEdges> {
  const say = logTo(join(stage.folder, "edges.log"));
  await Promise.all(list.map((edge) => startEdge(edge, stage, say)));
  const service = await startSteerService({
    ...{ edges: file, listen: places.steering, control: `unix:${places.control}`, orderFile: places.orderFile, say },
    stateDir: join(stage.folder, "steer"),
    times: { ...checkTimes, secureContext: await trusting(stage.caFile) },
  });
  stage.parts.push({ name: "the steering service", died: new Promise(() => {}), stop: async () => service.stop() });
  const viewers = startViewers(stage, list);
  const counts = new Map(list.map((edge) => [edge, new LogReader(join(edge.folder, segmentLog))]));
  return {
    list,
    steering: () => readSteering(places.control, 5),
    figures: async (edge) => (await counts.get(edge)?.read()) as EdgeFigures,
    watched: () => viewers.map((viewer) => viewer.watched()),
    stagesFile: await writeStagesFile(stage, places.control),
  };
}

/** Runs an edge's nginx until the stage stops; resolves when it answers. Throws CliError with nginx's last lines if it does not start. */
async function startEdge(edge: DemoEdge, stage: LocalStage, say: (line: string) => void): Promise<void> {
  const { name, folder, url, port, killFile } = edge;
  await symlink(stage.caddyDir, join(folder, authorityLink));
  const text = edgeConfiguration({ port, originPort: stage.ports.https, isRoot: process.getuid?.() === 0 });
  await writeFile(join(folder, "nginx.conf"), text);
  const nginx = new EdgeProcess(name, folder, killFile, say);
  stage.parts.push({ name: `the edge ${name}`, died: new Promise(() => {}), stop: () => nginx.stop() });
  const { died } = await nginx.start();
  await Promise.race([untilAnswers(`${url}/api/status`, stage.caFile), died]);
}

/** Starts viewers near each edge. */
function startViewers(stage: LocalStage, list: readonly DemoEdge[]): SteeredViewer[] {
  const { page, caFile } = stage;
  const places = list.flatMap((_, place) =>
    Array.from({ length: viewersPerEdge }, (_, number) => `${networkOf(place)}.${number + 1}`),
  );
  const endings = places.map(() => new AbortController());
  const viewers = endings.map(
    ({ signal }, at) => new SteeredViewer({ page, caFile, localAddress: places[at] ?? "", signal }),
  );
  const all = viewers.map((viewer) => viewer.watch());
  const died = Promise.all(all).then((): Promise<never> => new Promise(() => {}));
  died.catch(() => {});
  const stop = async (): Promise<void> => {
    for (const ending of endings) ending.abort();
    await Promise.allSettled(all);
  };
  stage.parts.push({ name: "the viewers", died, stop });
  return viewers;
}

/** The list of installed stages, as NixOS writes it on a host, with this stage alone. */
async function writeStagesFile({ folder, owncastUrl, stateDir }: LocalStage, steerSocket: string): Promise<string> {
  const file = join(folder, "stages.json");
  const demo = {
    domain: "localhost",
    seed: seedFileOf(folder),
    owncastUrl,
    steerSocket,
    stateDir,
    user: "",
    secrets: {},
  };
  await writeFile(file, JSON.stringify({ demo }));
  return file;
}

// A longer log is emptied once it has been read.
const longestLog = 1_000_000;
const partBytes = 256 * 1024;

/** Reads an edge's log on from where it stopped. */
class LogReader {
  readonly #file: string;
  readonly #counts = new SegmentCounts();
  #offset = 0;

  constructor(file: string) {
    this.#file = file;
  }

  async read(): Promise<EdgeFigures> {
    const handle = await open(this.#file, "r").catch(() => undefined);
    if (!handle) return this.#counts.figures;
    try {
      const part = Buffer.alloc(partBytes);
      for (;;) {
        const { bytesRead } = await handle.read(part, 0, partBytes, this.#offset);
        if (bytesRead === 0) break;
        this.#offset += bytesRead;
        this.#counts.add(part.toString("latin1", 0, bytesRead));
      }
    } finally {
      await handle.close();
    }
    if (this.#offset > longestLog) {
      await truncate(this.#file);
      this.#offset = 0;
    }
    return this.#counts.figures;
  }
}
