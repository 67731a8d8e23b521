import { spawnSync } from "node:child_process";
import { startDropStage } from "../../checks/lib/browser/drop-stage.ts";
import { owncastVersion } from "../../tools/owncast/build.mjs";
import { SetupError } from "../../tools/process/errors.mjs";
import { lastLine, lineOf, linesOf } from "./figures.ts";
import { type Case, measureRounds } from "./rounds.ts";
import { picture, stages, writeStageFile } from "./stages.ts";

const usualRounds = 10;
const mostKills = 3;

/**
 * Ends camera and servers of each stage while Chromium plays, and prints what viewers saw. `LECTERN_BENCH_ROUNDS` sets the number
 * of rounds (10), `LECTERN_BENCH_STAGES` the stages' names, separated by semicolons (all). Rejects when `signal` aborts.
 */
export async function runDrops(folder: string, signal: AbortSignal): Promise<void> {
  const { LECTERN_BENCH_ROUNDS: asked, LECTERN_BENCH_STAGES: named } = process.env;
  const rounds = Number(asked ?? usualRounds);
  const chosen = stages.filter(({ name }) => !named || named.split(";").includes(name));
  if (!Number.isInteger(rounds) || rounds < 1 || chosen.length === 0)
    throw new SetupError(
      "LECTERN_BENCH_ROUNDS or LECTERN_BENCH_STAGES has an unknown value",
      `give a whole number of rounds; the stages are ${stages.map(({ name }) => name).join("; ")}`,
      64,
    );
  const cases: Case[] = [];
  const chromium = spawnSync(process.env.CHROMIUM ?? "", ["--version"], { encoding: "utf8" }).stdout.trim();
  console.log(`  Owncast ${owncastVersion}, ${chromium}`);
  const onCase = (one: Case) => {
    cases.push(one);
    process.stderr.write(`  … ${lineOf([one])}\n`);
  };
  for (const stage of chosen) {
    const up = await startDropStage(writeStageFile(folder, stage), picture);
    // When the stage's servers and browser have stopped, all waits reject.
    const stop = () => up.stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      await measureRounds(up, {
        name: stage.name,
        ...(stage.isMain ? { rounds, kills: Math.min(rounds, mostKills) } : { rounds: 1, kills: 0 }),
        ...{ stays: stage.stays ?? false, comparesArticle: stage.isMain, onCase, signal },
      });
    } finally {
      signal.removeEventListener("abort", stop);
      await up.stop();
    }
  }
  for (const line of linesOf(cases)) console.log(`  ${line}`);
  console.log(lastLine(cases));
}
