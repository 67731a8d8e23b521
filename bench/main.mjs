// `npm run bench`, `npm run bench -- codegen`: prints costs, as ratios if possible. Asserts nothing.
import { cpus } from "node:os";
import { SetupError } from "../tools/process/errors.mjs";
import { runProgram } from "../tools/process/program.mjs";
import { benchCalibrate, benchCapacity } from "./calibrate.mjs";
import { benchCli } from "./cli.mjs";
import { benchCodegen } from "./codegen.mjs";
import { benchDelivery } from "./delivery.mjs";
import { benchDrops } from "./drops.mjs";
import { benchEdges } from "./edges.mjs";
import { benchFar } from "./far.mjs";
import { benchGate } from "./gate.mjs";
import { benchKeeper } from "./keeper.mjs";
import { benchLatency } from "./latency.mjs";
import { benchLoad } from "./load.mjs";
import { isInside } from "./namespace.mjs";
import { benchNixos } from "./nixos.mjs";
import { benchReconcile } from "./reconcile.mjs";
import { benchRehearse } from "./rehearse.mjs";
import { benchSpeech } from "./speech.mjs";
import { benchSteering } from "./steering.mjs";
import { benchTorn } from "./torn.mjs";

/** @type {Readonly<Record<string, () => void | Promise<void>>>} */
const benches = {
  calibrate: benchCalibrate,
  capacity: benchCapacity,
  cli: benchCli,
  codegen: benchCodegen,
  delivery: benchDelivery,
  drops: benchDrops,
  edges: benchEdges,
  far: benchFar,
  gate: benchGate,
  keeper: benchKeeper,
  latency: benchLatency,
  load: benchLoad,
  nixos: benchNixos,
  reconcile: benchReconcile,
  rehearse: benchRehearse,
  speech: benchSpeech,
  steering: benchSteering,
  torn: benchTorn,
};
const usage = `npm run bench [-- NAME...]
Prints what things cost; without a name all of: ${Object.keys(benches).join(", ")}. docs/benchmarks.md says what they are.`;

await runProgram(async () => {
  const names = process.argv.slice(2);
  if (names.some((name) => name === "--help" || name === "-h")) {
    console.log(usage);
    return 0;
  }
  const unknown = names.filter((name) => !Object.hasOwn(benches, name));
  if (unknown.length > 0)
    throw new SetupError(
      `no such benchmark: ${unknown.join(", ")}`,
      `there are ${Object.keys(benches).join(", ")}`,
      64,
    );
  if (!isInside()) console.log(`Node ${process.version}, ${cpus().length} processors`);
  for (const [name, bench] of Object.entries(benches)) if (names.length === 0 || names.includes(name)) await bench();
  return 0;
});
