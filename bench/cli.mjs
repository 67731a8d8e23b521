import { spawnSync } from "node:child_process";
import { node24 } from "../tools/node24/fetch.mjs";
import { median, times } from "./measure.mjs";

const pairs = 7;
const runsEach = 10;

/**
 * Prints the cost of `lectern --help` on a host: processor time against a Node that does nothing, in the same run. bash measures
 * both from outside: a meter inside would add to both, and make the ratio look better.
 */
export async function benchCli() {
  const node = await node24();
  const nothing = ["-e", "0"];
  const help = ["src/main.ts", "--help"];
  for (const args of [nothing, help]) cpuSeconds(node, args);
  const ratios = Array.from({ length: pairs }, () => {
    const [idle, whole] = [cpuSeconds(node, nothing), cpuSeconds(node, help)];
    console.log(
      `  pair: ${(whole * 1000).toFixed(0)} ms and ${(idle * 1000).toFixed(0)} ms of processor, ${times(whole / idle)}`,
    );
    return whole / idle;
  });
  console.log(`cli: lectern --help takes ${times(median(ratios))} the processor time of node -e 0 (bar: 5.0x)`);
}

/**
 * The mean processor time of one run.
 * @param {string} node
 * @param {string[]} args
 */
function cpuSeconds(node, args) {
  const script = `TIMEFORMAT='%U %S'; time for run in {1..${runsEach}}; do "$@" >/dev/null || exit; done`;
  const { status, stderr, error } = spawnSync("bash", ["-c", script, "bash", node, ...args], { encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  const [user = Number.NaN, system = Number.NaN] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return (user + system) / runsEach;
}
