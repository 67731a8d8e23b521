import { spawnSync } from "node:child_process";

// The child reports its use at its end. Its own children are few and short (tsx's compiler, if the cache is cold).
const meter = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from "node:fs";
  process.on("exit", () => writeSync(3, JSON.stringify(process.resourceUsage())));
`)}`;

/**
 * Runs Node on `args` in a folder. Gives processor time and elapsed time in seconds, peak memory in MB, exit code and output.
 * @param {string[]} args
 * @param {string} [cwd]
 * @param {string} [node] the program, this one by default
 */
export function measure(args, cwd = process.cwd(), node = process.execPath) {
  const started = performance.now();
  const { status, output, error } = spawnSync(node, ["--import", meter, ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  const seconds = (performance.now() - started) / 1000;
  const [, stdout = "", stderr = "", usage] = output;
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(usage ?? "");
  return {
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    seconds,
    megabytes: maxRSS / 1024,
    status,
    said: `${stdout}${stderr}`,
  };
}

export { median } from "../checks/lib/median.mjs";

/** @param {number} value */
export const times = (value) => `${value.toFixed(1)}x`;
