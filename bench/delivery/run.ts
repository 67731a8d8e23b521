import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadSeed } from "../../codegen/load/load-seed.ts";
import { findProgram } from "../../src/lib/programs.ts";
import { step } from "../../src/lib/progress.mjs";
import { caFile } from "../../src/local/local-caddy.ts";
import type { PrivateNetwork } from "../../src/local/network.ts";
import { startCamera } from "../../src/local/on-air.ts";
import type { Part } from "../../src/local/part.ts";
import type { DemoRun } from "../../src/local/run.ts";
import { bootstrapInside, startOwncast } from "../../src/local/servers.ts";
import { makeSecrets } from "../../src/owncast/seed/secrets.ts";
import { makeHttpClient } from "../../src/viewer/http-client.ts";
import { owncastVersion } from "../../tools/owncast/build.mjs";
import { barsOf, lastLine, report } from "./figures.ts";
import { measureRounds } from "./rounds.ts";
import { type Server, startServers, storageIn } from "./servers.ts";

const ports = { https: 8443, rtmp: 1935, admin: 8880, owncast: 8080 } as const;
const segmentsAtLeast = 4;

/** Runs the benchmark in namespaces that are its own, with its files in `folder`, and prints it. Rejects when `signal` aborts. */
export async function runDelivery(folder: string, signal: AbortSignal): Promise<void> {
  const parts: Part[] = [];
  try {
    console.log(`  ${versions().join(", ")}`);
    const stageDir = join(folder, "main");
    const servers = await step("Starting a live stage and what is to be compared", () =>
      start(folder, stageDir, parts, signal),
    );
    const client = await makeHttpClient({ caFile: caFile(storageIn(folder)) });
    const rounds = await measureRounds(servers, { client, hlsDir: join(stageDir, "hls"), signal });
    client.close();
    console.log(`${report(servers, rounds)}\n`);
    console.log(lastLine(barsOf(rounds)));
  } finally {
    for (const part of parts.reverse()) await part.stop();
  }
}

/** What is measured and what with, as each calls itself. */
function versions(): string[] {
  const { H2LOAD = "h2load", NGINX = "nginx" } = process.env;
  const said = (program: string, flag: string): string => {
    const { stdout, stderr } = spawnSync(program, [flag], { encoding: "utf8" });
    return `${stdout ?? ""}${stderr ?? ""}`.trim();
  };
  const caddy = said(findProgram("caddy"), "version").split(" ")[0];
  return [`Owncast ${owncastVersion}`, `Caddy ${caddy}`, said(NGINX, "-v"), said(H2LOAD, "--version")];
}

/** A stage as the demo runs it, up to its front, which is what is compared. */
async function start(folder: string, stageDir: string, parts: Part[], signal: AbortSignal): Promise<readonly Server[]> {
  mkdirSync(stageDir);
  const seedFile = "bench/delivery/stage.yaml";
  const programs = { owncast: findProgram("owncast"), caddy: findProgram("caddy"), ffmpeg: findProgram("ffmpeg") };
  const how = { once: false, camera: true, json: false, verbose: false, user: "bench" };
  const run: DemoRun = { seedFile, dir: stageDir, caddyDir: storageIn(folder), ports, programs, ...how };
  const seed = await loadSeed(seedFile);
  const secrets = join(stageDir, "secrets");
  mkdirSync(secrets, { mode: 0o700 });
  await makeSecrets(seed, secrets);
  await bootstrapInside(run, thisNetwork, signal);
  await startOwncast(run, thisNetwork, parts);
  const owncast = parts.at(-1)?.pid ?? Number.NaN;
  await startCamera(run, seed, parts);
  const playlist = join(stageDir, "hls/0/stream.m3u8");
  while (segmentsIn(playlist) < segmentsAtLeast) await sleep(100, undefined, { signal });
  const owncastUrl = `http://127.0.0.1:${ports.owncast}`;
  return startServers({ owncastUrl, owncast, folder, stageDir, parts });
}

const segmentsIn = (playlist: string): number =>
  existsSync(playlist) ? (readFileSync(playlist, "utf8").match(/^stream-.+\.ts$/gm) ?? []).length : 0;

/** All of it is in one network, and nobody else is. */
const thisNetwork: PrivateNetwork = {
  name: "this network",
  died: new Promise(() => {}),
  enter: (command) => [...command],
  open: async () => {},
  stop: async () => {},
};
