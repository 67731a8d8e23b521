import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { owncastVersion } from "../tools/owncast/build.mjs";
import { provision } from "../tools/setup/provision.mjs";
import { median, times } from "./measure.mjs";

const visits = 3;
const stage = "checks/lib/stages/light-stage.yaml";
const needs = /** @type {const} */ (["owncast", "caddy", "ffmpeg", "namespaces", "chromium"]);

/**
 * Prints the age of frames at each of Owncast's latency levels: when the newest segment has been fetched (packaging), and on the
 * screen of a viewer in Chromium (glass to glass). Beside it is the length of three segments. One small rendition, so that the
 * encoder keeps up.
 */
export async function benchLatency() {
  // The stage's own parts are TypeScript, and start with this process's flags.
  if (process.env.LECTERN_BENCH_INSIDE) return await inside();
  const { signal } = new AbortController();
  const env = { ...process.env, ...(await provision(needs, { signal })), LECTERN_BENCH_INSIDE: "1" };
  const again = ["--import", "tsx", "bench/main.mjs", "latency"];
  const [code] = await once(spawn(process.execPath, again, { stdio: "inherit", env }), "exit");
  if (code !== 0) throw new Error(`the benchmark ended with ${code}`);
}

async function inside() {
  const { levels } = await import("../codegen/schema/owncast/ladder.ts");
  const { segmentSeconds } = await import("../src/media/camera-needs.ts");
  const chromium = spawnSync(process.env.CHROMIUM ?? "", ["--version"], { encoding: "utf8" }).stdout.trim();
  console.log(`  Owncast ${owncastVersion}, ${chromium}`);
  const folder = mkdtempSync(join(tmpdir(), "lectern-bench-"));
  const ratios = [];
  const sums = [];
  try {
    for (const level of levels) {
      const three = 3 * segmentSeconds(level);
      const measured = await measureLevel(level, folder);
      const packaging = median(measured.map(({ packagingSeconds }) => packagingSeconds));
      const shown = measured.map(({ glassToGlassSeconds }) => glassToGlassSeconds);
      const range = `${seconds(Math.min(...shown))} to ${seconds(Math.max(...shown))}`;
      console.log(
        `latency ${level}: packaging ${seconds(packaging)}, glass to glass ${seconds(median(shown))} (${range}), ` +
          `${times(median(shown) / three)} of three segments (${three} s)`,
      );
      ratios.push(median(shown) / three);
      sums.push(median(shown) - packaging);
    }
  } finally {
    rmSync(folder, { recursive: true, maxRetries: 5 });
  }
  console.log(
    `latency: glass to glass is ${times(Math.min(...ratios))} to ${times(Math.max(...ratios))} of three segments at ` +
      `${levels.length} levels; a viewer is ${seconds(Math.min(...sums))} to ${seconds(Math.max(...sums))} behind the newest segment`,
  );
}

/** Measures some viewers one after another, each with a page of its own. @param {string} level @param {string} folder */
async function measureLevel(level, folder) {
  const { measureLatency } = await import("../checks/lib/browser/latency.ts");
  const { startLiveStage } = await import("../checks/lib/browser/live-stage.ts");
  const { openPage } = await import("../checks/lib/browser/browser-viewer.ts");
  const file = join(folder, `${level}.yaml`);
  writeFileSync(file, readFileSync(stage, "utf8").replace(/^ {2}latency: .*$/m, `  latency: ${level}`));
  const live = await startLiveStage(file);
  try {
    const measured = [];
    for (let visit = 0; visit < visits; visit++) {
      const viewer = await openPage(live.browser, live.stand.page);
      await viewer.play();
      await viewer.untilFrame(({ clockMs }) => clockMs !== undefined);
      measured.push(await measureLatency(live, viewer));
      await viewer.leave();
    }
    return measured;
  } finally {
    await live.stop();
  }
}

/** @param {number} value */
const seconds = (value) => `${value.toFixed(1)} s`;
