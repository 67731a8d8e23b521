import { once } from "node:events";
import { join } from "node:path";
import { loadFile } from "../../codegen/load/load-seed.ts";
import type { WatchedStage } from "../host/stage-watch.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { step } from "../lib/progress.mjs";
import { apply } from "../owncast/apply/apply.ts";
import { writeSeed } from "../owncast/seed/write-seed.ts";
import { gatherSecrets } from "./demo-secrets.ts";
import { demoStage } from "./demo-stage.ts";
import { isTooSlow, measureEncoder } from "./encoder-speed.ts";
import { makePrivateNetwork } from "./network.ts";
import { isOnlySlow, startCamera, waitUntilProven } from "./on-air.ts";
import type { Part } from "./part.ts";
import { usableProcessors } from "./processors.ts";
import type { DemoRun } from "./run.ts";
import { bootstrapInside, gateSocket, startCaddy, startKeeper, startOwncast } from "./servers.ts";
import { demoSummary, summaryText, verdictText } from "./summary.ts";
import { showStage } from "./waiting-block.ts";

/**
 * Runs a stage from nothing to a proven picture, and until `signal` when it is not `once`.
 * Resolves to the exit code; throws a CliError that names the part that failed.
 */
export async function runStage(run: DemoRun, signal: AbortSignal, onUp: () => void): Promise<ExitCode> {
  const parts: Part[] = [];
  const stopped = once(signal, "abort").then(() => Promise.reject(new CliError(ExitCode.failed, "stopped")));
  stopped.catch(() => {});
  /** A step that ends early when a part dies or somebody stops the demo. */
  const guarded = <Result>(title: string, work: Work<Result>): Promise<Result> =>
    step(title, (note) => Promise.race([work(note), stopped, ...parts.map(({ died }) => died)]));
  try {
    return await runSteps(run, { parts, signal, guarded, onUp });
  } finally {
    for (const part of parts.reverse()) await part.stop();
  }
}

const watchSeconds = 5;

/** What a step does; it may `note` where it stands. */
type Work<Result> = (note: (text: string) => void) => Promise<Result>;

interface Steps {
  readonly parts: Part[];
  readonly signal: AbortSignal;
  guarded<Result>(title: string, work: Work<Result>): Promise<Result>;
  onUp(): void;
}

async function runSteps(asked: DemoRun, steps: Steps): Promise<ExitCode> {
  const { dir, ports, once: onlyOnce, json, camera, secretsDir } = asked;
  const { guarded, parts, signal } = steps;
  const { seed: declared, assets } = await loadFile(asked.seedFile);
  const { seed, differences, warnings } = demoStage(declared, {
    hasSecrets: secretsDir !== undefined,
    processors: usableProcessors(),
    isExample: asked.isExample === true,
  });
  for (const line of [...differences, ...warnings]) process.stderr.write(`${line}\n`);
  // Bootstrap and gate read it too.
  const run = { ...asked, seedFile: join(dir, "stage.json") };
  await writeSeed(run.seedFile, seed, assets);
  const reveal = await guarded("Making the admin password and the stream keys", () =>
    gatherSecrets(seed, join(dir, "secrets"), secretsDir),
  );
  const network = await guarded("Making a network for Owncast alone", makePrivateNetwork);
  parts.push(network);
  const applied = await guarded("Configuring Owncast with the network shut", () =>
    bootstrapInside(run, network, signal),
  );
  await guarded("Starting Owncast", () => startOwncast(run, network, parts));
  await guarded("Starting Caddy and the playlist keeper", async () => {
    await startCaddy(run, await startKeeper(run, parts), parts);
  });
  const stateDir = join(dir, "state");
  const target = {
    seed,
    assets,
    stateDir,
    url: `http://127.0.0.1:${ports.owncast}`,
    reveal,
    deadlineSeconds: 30,
    signal,
  };
  const watched: WatchedStage = {
    ...{ name: seed.instance?.name ?? "the stage", address: `https://localhost:${ports.https}` },
    target: { ...target, deadlineSeconds: watchSeconds },
    ...{ gateStatusSocket: gateSocket(run), hlsDir: join(dir, "hls") },
  };
  const { changes } = await guarded("Applying the stage", () => apply(target));
  if (camera) {
    await guarded("Publishing a synthetic camera", () => startCamera(run, seed, parts, watched));
    const report = await guarded("Waiting until every rendition plays", (note) => waitUntilProven(run, seed, note));
    const speed = await guarded("Measuring the encoder", () => measureEncoder(join(dir, "hls")));
    const summary = demoSummary(run, seed, {
      applied: [...applied, ...changes.map(({ path }) => path)],
      differences,
      speed,
      report,
    });
    process.stdout.write(
      json ? `${JSON.stringify(summary, null, 2)}\n` : onlyOnce ? verdictText(summary) : summaryText(summary),
    );
    if (onlyOnce) return report.faults.length === 0 && !isTooSlow(speed) ? ExitCode.done : ExitCode.differs;
    // A stage that is only too slow can be looked at, and its file changed.
    if (!isOnlySlow(report))
      throw new CliError(ExitCode.differs, "the stream does not play as the stage file says; see the verdicts above");
  } else {
    const summary = demoSummary(run, seed, { applied, differences });
    process.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary));
  }
  steps.onUp();
  const shown = json ? [] : [showStage(watched, signal).then(() => untilStopped(signal))];
  return Promise.race([untilStopped(signal), ...shown, ...parts.map(({ died }) => died)]);
}

async function untilStopped(signal: AbortSignal): Promise<ExitCode> {
  if (!signal.aborted) await once(signal, "abort");
  return ExitCode.done;
}
