import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import type { LocalStage } from "../../../src/local/stage.ts";
import type { SteeringStatus } from "../../../src/services/steer/steering.ts";
import { type LecternProcess, startLectern } from "../process/lectern-process.ts";
import { type Stand, startStand } from "../process/stand.ts";
import { cacheIn, type GoldenFront } from "../site/front.ts";
import { edgeSites, type GoldenEdge, startGoldenEdge } from "../site/golden-edge.ts";
import { startGoldenFront } from "../site/golden-front.ts";
import { type KeeperProcess, startKeeper } from "../stream/keeper-process.ts";
import { type Camera, cameraFor } from "../stream/losable-camera.ts";
import { untilOnline } from "../stream/owncast-state.ts";
import { startChromium } from "./chromium.ts";

/** An edge of the stage, at an address that this machine's viewers and the steering service reach. */
export interface SteeredEdge extends GoldenEdge {
  readonly name: string;
  readonly url: string;
}

/** A stage on air with two edges and the service that steers its viewers, each with the configuration of NixOS. */
export interface SteeredStage {
  readonly stand: Stand;
  readonly browser: Browser;
  readonly edges: readonly SteeredEdge[];
  /** The page's address at the origin. */
  readonly page: string;
  /** Kills the steering service: players get an error. */
  killSteering(): Promise<void>;
  startSteering(): Promise<void>;
  /** Drains an edge, or ends that. */
  drain(name: string, isDrained: boolean): Promise<void>;
  /** Resolves when the steering service says that all edges are up. Rejects after half a minute. */
  untilAllUp(): Promise<void>;
  stop(): Promise<void>;
}

const originName = "one.test";
const edgeNames = ["paris", "tokyo"] as const;
const upWithinMs = 30_000;

/** Starts it on a stage file, with a camera for its ladder. Resolves when Owncast says that it is on air. */
export async function startSteeredStage(seedFile: string): Promise<SteeredStage> {
  const edges: SteeredEdge[] = [];
  let stand: Stand | undefined;
  let camera: Camera | undefined;
  let origin: GoldenFront | undefined;
  let steer: LecternProcess | undefined;
  let keeper: KeeperProcess | undefined;
  let browser: Browser | undefined;
  let socketsIn = "";
  let page = "";
  const controlSocket = () => join(socketsIn, "control.sock");
  const edgesFile = () => join(socketsIn, "edges.json");
  const orderFile = () => join(socketsIn, "order");
  const keeperSocket = () => join(socketsIn, "keeper.sock");
  const startSteering = async (): Promise<void> => {
    const flags = ["--edges", edgesFile(), "--listen", `unix:${join(socketsIn, "players.sock")}`];
    const more = ["--control", `unix:${controlSocket()}`, "--state-dir", join(socketsIn, "state")];
    const own = startLectern(["steer", ...flags, ...more, "--order-file", orderFile()], {
      NODE_EXTRA_CA_CERTS: edges[0]?.caFile,
    });
    steer = own;
    const ended = own.ended.then(({ output }) => Promise.reject(new Error(`the steering service ended: ${output}`)));
    ended.catch(() => {});
    while (!own.output().includes("steering players on")) await Promise.race([sleep(50), ended]);
  };
  const killSteering = async (): Promise<void> => {
    steer?.kill();
    await steer?.ended;
  };
  const front = async ({ folder, ports, owncastUrl, hlsDir }: LocalStage): Promise<void> => {
    socketsIn = join(folder, "run");
    const place = join(folder, "origin");
    const cache = join(cacheIn(place), "main");
    for (const each of [socketsIn, cache]) mkdirSync(each, { recursive: true });
    symlinkSync(hlsDir, join(cache, "hls"));
    const places = {
      "127.0.0.1:8080": `127.0.0.1:${ports.owncast}`,
      "/run/lectern/main-keeper.sock": keeperSocket(),
      "/run/steer-main/players.sock": join(socketsIn, "players.sock"),
    };
    origin = await startGoldenFront("caddy", "one-edges", { folder: place, sites: [originName], places });
    page = `https://${originName}:${origin.ports.https}`;
    for (const name of edgeNames) {
      const behind = { port: origin.ports.https, caFile: origin.caFile };
      // The steering service looks up the edges' names as any program does.
      const asLocalhost = { [edgeSites.full]: "localhost", [edgeSites.full.replaceAll(".", "\\.")]: "localhost" };
      const edge = await startGoldenEdge(join(folder, name), { ...behind, texts: asLocalhost });
      edges.push(Object.assign(edge, { name, url: `https://localhost:${edge.port}` }));
    }
    const listed = edges.map(({ name, url }) => ({ name, url }));
    writeFileSync(edgesFile(), JSON.stringify({ origin: page, edges: listed }));
    await startSteering();
    const more = ["--edges", edgesFile(), "--order-file", orderFile()];
    keeper = await startKeeper(keeperSocket(), owncastUrl, hlsDir, { more });
  };
  const stop = async (): Promise<void> => {
    await browser?.close();
    await killSteering();
    for (const edge of edges) await edge.stop();
    await camera?.lose();
    await origin?.stop();
    await keeper?.stop();
    await stand?.stop();
  };
  const ask = (path: string, method = "GET"): Promise<string> => askOver(controlSocket(), path, method);
  try {
    stand = await startStand(seedFile, { keeper: async () => "", front });
    camera = cameraFor(stand);
    browser = await startChromium(
      [origin, ...edges].map((one) => one?.caFile ?? ""),
      // Another site may load video from a public address, but not from this machine's own.
      { args: ["--disable-features=LocalNetworkAccessChecks"] },
    );
    await camera.connect();
    await untilOnline(stand.owncastUrl);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ stand, browser, edges, page, killSteering, startSteering, stop },
    async drain(name, isDrained) {
      await ask(`/edges/${name}/drain`, isDrained ? "PUT" : "DELETE");
    },
    async untilAllUp() {
      for (const untilMs = Date.now() + upWithinMs; ; await sleep(100)) {
        const status = JSON.parse(await ask("/edges")) as SteeringStatus;
        if (status.edges.every(({ state }) => state === "up")) return;
        if (Date.now() > untilMs) throw new Error(`not all edges are up: ${JSON.stringify(status.edges)}`);
      }
    },
  };
}

/** The response's body. Rejects unless the status is 200. */
const askOver = (socketPath: string, path: string, method: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`${method} ${path}: ${body}`)),
      );
    });
    sent.on("error", reject).end();
  });
