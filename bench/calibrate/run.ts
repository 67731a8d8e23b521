import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { findProgram } from "../../src/lib/programs.ts";
import { step } from "../../src/lib/progress.mjs";
import { type Costs, costs } from "../../src/rehearse/costs.ts";
import { owncastVersion } from "../../tools/owncast/build.mjs";
import { type Audience, measureAudiences, withAudience } from "./audiences.ts";
import { measureDelivery } from "./delivery.ts";
import { measureEncoder } from "./encoder.ts";
import { withLiveStage } from "./live-stage.ts";

/** Where a calibration is written, from the checkout's folder. */
export const calibrationFile = ".cache/calibration.json";

/** Measures this machine, prints the figures and writes them to `calibrationFile`. Rejects when `signal` aborts. */
export async function runCalibrate(folder: string, signal: AbortSignal): Promise<void> {
  const encoder: Costs["encoder"] = await step("Encoding at each effort", (note) =>
    measureEncoder(folder, signal, note),
  );
  const said = (program: string, flag: string) =>
    /\d[\w.]*/.exec(spawnSync(program, [flag], { encoding: "utf8" }).stdout)?.[0];
  const measured = {
    processors: availableParallelism(),
    owncast: owncastVersion,
    caddy: said(findProgram("caddy"), "version") ?? "unknown",
    ffmpeg: said(findProgram("ffmpeg"), "-version") ?? "unknown",
  };
  const found: { readonly costs: Costs; readonly audience: Audience } = await step(
    "Measuring requests on a live stage",
    (note) =>
      withLiveStage("bench/calibrate/stage.yaml", { folder, signal }, async (live) => {
        const costs: Costs = {
          version: 1,
          measured,
          encoder,
          audiencePerSecond: 0,
          ...(await measureDelivery(live, signal, note)),
        };
        note("viewers");
        return { costs, audience: await measureAudiences(live, costs, signal) };
      }),
  );
  console.log(`  viewers take ${found.audience.factor.toFixed(2)} of what their requests take one by one`);
  const calibration = costs.parse(rounded(withAudience(found.costs, found.audience)));
  mkdirSync(dirname(calibrationFile), { recursive: true });
  const text = `${JSON.stringify(calibration, null, 2)}\n`;
  writeFileSync(calibrationFile, text);
  console.log(text);
  console.log(`calibrate: lectern capacity --calibration ${calibrationFile} … uses these figures`);
}

/** Numbers with four digits that count. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one) => (typeof one === "number" ? Number(one.toPrecision(4)) : one)));
