import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadFile } from "../../codegen/load/load-seed.ts";
import { step } from "../../src/lib/progress.mjs";
import { startCamera } from "../../src/local/on-air.ts";
import type { Part } from "../../src/local/part.ts";
import { startStage } from "../../src/local/stage.ts";
import { makeHttpClient } from "../../src/viewer/http-client.ts";
import { barsOf, lastLine, report } from "./figures.ts";
import { measureRounds } from "./rounds.ts";
import { authoritiesIn, type Server, startServers, storageIn } from "./servers.ts";
import { versions } from "./versions.ts";

const segmentsAtLeast = 4;

/** Runs the benchmark in its own namespaces, with its files in `folder`, and prints the figures. Rejects when `signal` aborts. */
export async function runDelivery(folder: string, signal: AbortSignal): Promise<void> {
  const parts: Part[] = [];
  try {
    console.log(`  ${versions().join(", ")}`);
    const stageDir = join(folder, "main");
    const servers = await step("Starting a live stage and the servers to compare", () =>
      start(folder, stageDir, parts, signal),
    );
    const client = await makeHttpClient({ caFile: authoritiesIn(folder) });
    const rounds = await measureRounds(servers, { client, hlsDir: join(stageDir, "hls"), signal });
    client.close();
    console.log(`${report(servers, rounds)}\n`);
    console.log(lastLine(barsOf(rounds)));
  } finally {
    for (const part of parts.reverse()) await part.stop();
  }
}

/** A stage without a front: the benchmark compares fronts. */
async function start(folder: string, stageDir: string, parts: Part[], signal: AbortSignal): Promise<readonly Server[]> {
  mkdirSync(stageDir);
  const stage = await startStage({
    ...(await loadFile("bench/delivery/stage.yaml")),
    ...{ folder: stageDir, caddyDir: storageIn(folder), signal },
    ...{ keeper: async () => "", front: async () => {} },
  });
  parts.push({ name: "the stage", died: stage.anyDied(), stop: () => stage.stop() });
  await startCamera(stage);
  const playlist = join(stage.hlsDir, "0/stream.m3u8");
  while (segmentsIn(playlist) < segmentsAtLeast) await sleep(100, undefined, { signal });
  return startServers({ stage, folder, parts });
}

const segmentsIn = (playlist: string): number =>
  existsSync(playlist) ? (readFileSync(playlist, "utf8").match(/^stream-.+\.ts$/gm) ?? []).length : 0;
