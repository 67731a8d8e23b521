import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Loss,
  type LossSeen,
  loseEdge,
  playerNames,
  type SteeredViewer,
  watchSteered,
} from "../../checks/lib/browser/edge-loss.ts";
import { hlsJsVersion } from "../../checks/lib/browser/hls-js-page.ts";
import { type SteeredEdge, type SteeredStage, startSteeredStage } from "../../checks/lib/browser/steered-stage.ts";
import { step } from "../../src/lib/progress.mjs";
import { ttlSeconds } from "../../src/services/steer/steering.ts";
import { owncastVersion } from "../../tools/owncast/build.mjs";
import { type Case, lastLine, lineOf, tableOf } from "./figures.ts";
import { planFor } from "./plan.ts";

// Its segments take 2 s.
const stageFile = "checks/lib/stages/two-renditions.yaml";
// A player that stays at a drained edge loses nothing. One that stays at a dead edge stands still all this time.
const boundSeconds: Readonly<Record<Loss, number>> = { killed: 60, hung: 60, drained: 15 };
// video.js avoids a rendition that failed for a minute.
const forgottenAfterSeconds = 65;

/**
 * Takes edges from players, and prints how long these stood still. Each event has new pages. `LECTERN_BENCH_STEERING` names the
 * parts (see plan.ts), separated by semicolons (all), `LECTERN_BENCH_ROUNDS` how often each player loses its edge in each
 * part (10). Rejects when `signal` aborts.
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
  try {
    for (const part of plan.parts) {
      const isOnce = part === "hung after a kill" || part === "without steering";
      const measure =
        part === "hung after a kill" ? loseAfterKill : part === "without steering" ? loseAlone : loseAs(part);
      await inRounds(stage, isOnce ? 1 : plan.rounds, measure, signal, (one) => {
        cases.push({ ...one, part });
        process.stderr.write(`  … ${lineOf({ ...one, part })}\n`);
      });
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await stage.stop();
  }
  for (const line of tableOf(cases)) console.log(`  ${line}`);
  console.log(lastLine(cases));
}

type Measure = (stage: SteeredStage, viewers: readonly SteeredViewer[]) => Promise<LossSeen[]>;

/** Goes on until each player has lost its edge `rounds` times. If they are on different edges, only the first one's edge is lost. */
async function inRounds(
  stage: SteeredStage,
  rounds: number,
  measure: Measure,
  signal: AbortSignal,
  add: (one: LossSeen) => void,
): Promise<void> {
  const counts = new Map(playerNames.map((name) => [name, 0]));
  for (let events = 0; ; ) {
    const missing = playerNames.filter((name) => (counts.get(name) ?? 0) < rounds);
    if (missing.length === 0) return;
    signal.throwIfAborted();
    await stage.untilAllUp();
    const viewers = await Promise.all(missing.map((name) => watchSteered(stage, name)));
    // Players ask where to go in fixed steps after their start. The losses are spread evenly over such a step.
    await sleep(((events++ % rounds) / rounds) * ttlSeconds * 1000);
    for (const one of await measure(stage, viewers)) {
      counts.set(one.player, (counts.get(one.player) ?? 0) + 1);
      add(one);
    }
    await Promise.all(viewers.map(({ viewer }) => viewer.leave()));
  }
}

const loseAs =
  (how: Loss): Measure =>
  async (stage, viewers) =>
    loseEdge(stage, await edgeOf(viewers[0]), how, viewers, { boundSeconds: boundSeconds[how] });

/** The edge hangs for pages whose first edge was killed more than a minute before. */
const loseAfterKill: Measure = async (stage, viewers) => {
  await loseAs("killed")(stage, viewers);
  await stage.untilAllUp();
  await sleep(forgottenAfterSeconds * 1000);
  return loseAs("hung")(stage, viewers);
};

/** The edge hangs while nobody answers players: they have to find out by themselves. */
const loseAlone: Measure = async (stage, viewers) => {
  const edge = await edgeOf(viewers[0]);
  await stage.killSteering();
  const seen = await loseEdge(stage, edge, "hung", viewers, { boundSeconds: boundSeconds.hung });
  await stage.startSteering();
  return seen;
};

/** A player's edge. The steering service leads one that is at the origin back to an edge. */
async function edgeOf(one: SteeredViewer | undefined): Promise<SteeredEdge> {
  for (let tries = 0; tries < 300; tries++) {
    const found = one?.edge();
    if (found) return found;
    await sleep(100);
  }
  throw new Error(`${one?.name} does not come to an edge`);
}
