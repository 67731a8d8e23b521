import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Loss,
  loseEdge,
  playerNames,
  type SteeredViewer,
  watchSteered,
} from "../../checks/lib/browser/edge-loss.ts";
import { hlsJsVersion } from "../../checks/lib/browser/hls-js-page.ts";
import { type SteeredEdge, type SteeredStage, startSteeredStage } from "../../checks/lib/browser/steered-stage.ts";
import { step } from "../../src/lib/progress.mjs";
import { owncastVersion } from "../../tools/owncast/build.mjs";
import { type Case, lastLine, lineOf, tableOf } from "./figures.ts";
import { planFor } from "./plan.ts";

// Its segments take 2 s.
const stageFile = "checks/lib/stages/two-renditions.yaml";
// After a loss, players fill their buffers again.
const calmSeconds = 4;

/**
 * Takes edges from players, and prints how long these stood still. `LECTERN_BENCH_STEERING` names the parts, separated by semicolons
 * (`killed; hung; drained; without steering`; default: all), `LECTERN_BENCH_ROUNDS` how often each player loses its edge in each part
 * (10). Rejects when `signal` aborts.
 */
export async function runSteering(signal: AbortSignal): Promise<void> {
  const { LECTERN_BENCH_STEERING: named = "", LECTERN_BENCH_ROUNDS: asked = "", NGINX = "nginx" } = process.env;
  const plan = planFor({ named, rounds: asked });
  const cases: Case[] = [];
  const nginx = spawnSync(NGINX, ["-v"], { encoding: "utf8", env: {} })
    .stderr.trim()
    .replace(/.*nginx\//, "nginx ");
  const chromium = spawnSync(process.env.CHROMIUM ?? "", ["--version"], { encoding: "utf8" }).stdout.trim();
  console.log(`  Owncast ${owncastVersion}, ${nginx}, ${chromium}, hls.js ${hlsJsVersion}`);
  const stage = await step("Starting a stage with two edges", () => startSteeredStage(stageFile));
  // When the stage's servers and browser have stopped, all waits reject.
  const stop = () => stage.stop();
  signal.addEventListener("abort", stop, { once: true });
  const add = (one: Case): void => {
    cases.push(one);
    process.stderr.write(`  … ${lineOf(one)}\n`);
  };
  try {
    const viewers: SteeredViewer[] = [];
    for (const name of playerNames) viewers.push(await step(`Opening ${name}`, () => watchSteered(stage, name)));
    for (const part of plan.parts)
      if (part === "without steering")
        for (const one of await loseWithoutSteering(stage, viewers)) add({ ...one, part });
      else await loseInRounds(stage, viewers, part, plan.rounds, add, signal);
  } finally {
    signal.removeEventListener("abort", stop);
    await stage.stop();
  }
  for (const line of tableOf(cases)) console.log(`  ${line}`);
  console.log(lastLine(cases));
}

/** Goes on until each player has lost its edge as often as planned. Players that are on different edges lose them one after the other. */
async function loseInRounds(
  stage: SteeredStage,
  viewers: readonly SteeredViewer[],
  part: Loss,
  rounds: number,
  add: (one: Case) => void,
  signal: AbortSignal,
): Promise<void> {
  const counts = new Map(viewers.map((one) => [one.name, 0]));
  const missing = (): SteeredViewer[] => viewers.filter(({ name }) => (counts.get(name) ?? 0) < rounds);
  while (missing().length > 0) {
    signal.throwIfAborted();
    await stage.untilAllUp();
    await sleep(calmSeconds * 1000);
    const edge = await edgeOf(missing()[0] as SteeredViewer);
    for (const one of await loseEdge(stage, edge, part, missing())) {
      counts.set(one.player, (counts.get(one.player) ?? 0) + 1);
      add({ ...one, part });
    }
  }
}

/** The same loss while nobody answers players: they have to find out by themselves. */
async function loseWithoutSteering(stage: SteeredStage, viewers: readonly SteeredViewer[]) {
  await stage.untilAllUp();
  await sleep(calmSeconds * 1000);
  const edge = await edgeOf(viewers[0] as SteeredViewer);
  await stage.killSteering();
  const seen = await loseEdge(stage, edge, "hung", viewers);
  await stage.startSteering();
  return seen;
}

/** A player's edge. One that has found its way to the origin is led back with its next question. */
async function edgeOf({ name, edge }: SteeredViewer): Promise<SteeredEdge> {
  for (let tries = 0; tries < 300; tries++) {
    const found = edge();
    if (found) return found;
    await sleep(100);
  }
  throw new Error(`${name} does not come to an edge`);
}
