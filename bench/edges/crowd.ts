import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { CrowdOrder, CrowdPlan, CrowdTally } from "./crowd-worker.ts";

/** Viewers in a thread of their own. */
export interface Crowd {
  /** Counts what they do while `work` runs. */
  count<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly tally: CrowdTally }>;
  /** From now on they also report their playback. */
  reportPlayback(): Promise<void>;
  leave(): Promise<void>;
}

/** Resolves when all viewers are there. Rejects if one of them fails. */
export async function startCrowd(plan: CrowdPlan): Promise<Crowd> {
  const worker = new Worker(new URL("./crowd-worker.ts", import.meta.url), { workerData: plan });
  // An error in the worker rejects the `once` that waits for a message.
  const heard = async () => (await once(worker, "message"))[0];
  await heard();
  const tell = async (what: CrowdOrder): Promise<CrowdTally> => {
    const answer = heard();
    worker.postMessage(what);
    return (await answer) as CrowdTally;
  };
  return {
    async count(work) {
      await tell("begin");
      const result = await work();
      return { result, tally: await tell("end") };
    },
    async reportPlayback() {
      await tell("report playback");
    },
    async leave() {
      await worker.terminate();
    },
  };
}
