import { spawnSync } from "node:child_process";
import { type FarStage, startFarStage } from "../../checks/lib/far/far-stage.ts";
import { type FarView, type Protocol, pullFrom, watchFrom } from "../../checks/lib/far/far-viewer.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../../checks/lib/process/private-network.ts";
import { findProgram } from "../../src/lib/programs.ts";
import { step } from "../../src/lib/progress.mjs";
import { type LineOptions, layLine } from "../../src/rehearse/link.ts";
import { owncastVersion } from "../../tools/owncast/build.mjs";
import { SetupError } from "../../tools/process/errors.mjs";
import {
  type BySender,
  lastLine,
  type Measured,
  type RateCell,
  rateLine,
  rateTable,
  type Sender,
  type StallCell,
  senders,
  stallLine,
} from "./figures.ts";

const mbps = 20;
const usual = { roundTripsMs: [20, 150, 250], lossesPercent: [0, 0.5, 1], rates: [3200], pullSeconds: 12 } as const;
const whole = {
  roundTripsMs: [20, 150, 250, 300],
  lossesPercent: [0, 0.1, 0.5, 1, 2],
  rates: [1000, 1600, 3200, 4500],
  pullSeconds: 20,
} as const;
const stallLineOf = { roundTripMs: 250, lossPercent: 0.5 } as const;
const watchSeconds = 65;

const ways: Readonly<Record<Sender, { protocol: Protocol; congestion?: NonNullable<LineOptions["congestion"]> }>> = {
  cubic: { protocol: "h2", congestion: "cubic" },
  // It has its own congestion control, which no setting of the kernel reaches.
  "HTTP/3": { protocol: "h3" },
  BBR: { protocol: "h2", congestion: "bbr" },
};

/**
 * Measures a stage's viewers far away, three at a time: one for each sender, over a line of its own. `LECTERN_BENCH_FAR=all` measures
 * all round trips, losses and bitrates, and takes three times as long. Rejects when `signal` aborts.
 */
export async function runFar(signal: AbortSignal): Promise<void> {
  const { LECTERN_BENCH_FAR: asked = "" } = process.env;
  if (!["", "all"].includes(asked))
    throw new SetupError(`LECTERN_BENCH_FAR=${asked} says nothing that there is`, "say all, or leave it out", 64);
  const { roundTripsMs, lossesPercent, rates, pullSeconds } = asked === "all" ? whole : usual;
  const caddy = spawnSync(findProgram("caddy"), ["version"], { encoding: "utf8" }).stdout.trim().split(" ")[0];
  console.log(`  Owncast ${owncastVersion}, Caddy ${caddy}, lines of ${mbps} Mbit/s with a queue of 100 ms`);
  const stage = await step("Starting a live stage", () => startFarStage("checks/lib/far/far-stage.yaml"));
  const far = await makePrivateNetwork();
  try {
    const [firstRate = 0] = rates;
    await step("Starting its camera", () => stage.film(firstRate));
    const cells: RateCell[] = [];
    for (const roundTripMs of roundTripsMs)
      for (const lossPercent of lossesPercent) {
        signal.throwIfAborted();
        const measure = (view: FarView) => pullFrom({ ...view, url: stage.longFile }, pullSeconds);
        const cell = {
          roundTripMs,
          lossPercent,
          mbps: await bySender(stage, far, { roundTripMs, lossPercent }, measure),
        };
        cells.push(cell);
        console.log(`  ${rateLine(cell)}`);
      }
    const stalls: StallCell[] = [];
    for (const kbps of rates) {
      signal.throwIfAborted();
      if (kbps !== firstRate) await stage.film(kbps);
      const watched = await bySender(stage, far, stallLineOf, (view) => watchFrom(view, watchSeconds));
      stalls.push({ kbps, watched });
      console.log(`  ${stallLine({ kbps, watched }, watchSeconds)}`);
    }
    for (const line of ["", ...rateTable(cells), ""]) console.log(line && `  ${line}`);
    console.log(lastLine(cells, stalls));
  } finally {
    await far.stop();
    await stage.stop();
  }
}

/** Measures all senders at once. */
async function bySender<Value>(
  { caFile, playlist: url }: FarStage,
  network: PrivateNetwork,
  options: Pick<LineOptions, "roundTripMs" | "lossPercent">,
  measure: (view: FarView) => Promise<Value>,
): Promise<BySender<Value>> {
  const measured = await Promise.all(
    senders.map(async (sender, number): Promise<[Sender, Measured<Value>]> => {
      const { protocol, congestion } = ways[sender];
      const line = await layLine(
        { far: network },
        { ...options, mbps, number, seed: number + 1, ...(congestion && { congestion }) },
      );
      const view = { network, protocol, caFile, address: line.nearAddress, url };
      const [value] = await Promise.allSettled([measure(view)]);
      const { down, up } = await line.end();
      if (value.status === "rejected") throw value.reason;
      return [sender, { value: value.value, latePercent: Math.max(down.latePercent, up.latePercent) }];
    }),
  );
  return Object.fromEntries(measured) as BySender<Value>;
}
