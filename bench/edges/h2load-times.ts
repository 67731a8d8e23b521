import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../tools/process/run-command.mjs";
import { timesIn } from "./figures.ts";

export interface TimedLoad {
  /** Each client asks for them in turn. */
  readonly urls: readonly string[];
  readonly clients: number;
  readonly requestsEach: number;
  /** Each client asks once a second, and the clients are spread evenly over that second. Otherwise all ask at once. */
  readonly isSpread?: boolean;
}

// h2load lets some clients come every hundredth of a second.
const steps = 100;

/** Times of all requests in milliseconds, from request to the end of the response. Throws unless each response is 200. */
export async function timesOf(load: TimedLoad, folder: string, signal: AbortSignal): Promise<number[]> {
  const { urls, clients, requestsEach, isSpread = false } = load;
  const log = join(folder, "h2load.log");
  rmSync(log, { force: true });
  const paced = isSpread ? ["--rps=1", `--rate=${Math.ceil(clients / steps)}`, `--rate-period=${1000 / steps}ms`] : [];
  const flags = [`--clients=${clients}`, `--requests=${clients * requestsEach}`, `--log-file=${log}`];
  const encoding = "--header=accept-encoding: gzip, deflate, br, zstd";
  await runCommand(process.env.H2LOAD ?? "h2load", [...flags, ...paced, encoding, ...urls], { signal });
  const times = timesIn(readFileSync(log, "utf8"));
  if (times.length !== clients * requestsEach)
    throw new Error(`${times.length} of ${clients * requestsEach} requests were answered`);
  return times;
}
