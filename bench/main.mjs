// `npm run bench`, `npm run bench -- codegen`: prints what things cost, as ratios where they can be. Asserts nothing.
import { cpus } from "node:os";
import { benchCli } from "./cli.mjs";
import { benchCodegen } from "./codegen.mjs";
import { benchDrops } from "./drops.mjs";
import { benchKeeper } from "./keeper.mjs";
import { benchLatency } from "./latency.mjs";
import { benchLoad } from "./load.mjs";
import { isInside } from "./namespace.mjs";
import { benchNixos } from "./nixos.mjs";
import { benchReconcile } from "./reconcile.mjs";
import { benchTorn } from "./torn.mjs";

/** @type {Readonly<Record<string, () => void | Promise<void>>>} */
const benches = {
  cli: benchCli,
  codegen: benchCodegen,
  drops: benchDrops,
  keeper: benchKeeper,
  latency: benchLatency,
  load: benchLoad,
  nixos: benchNixos,
  reconcile: benchReconcile,
  torn: benchTorn,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`no such benchmark: ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exitCode = 64;
} else {
  if (!isInside()) console.log(`Node ${process.version}, ${cpus().length} processors`);
  for (const [name, bench] of Object.entries(benches)) if (names.length === 0 || names.includes(name)) await bench();
}
