import { setTimeout as sleep } from "node:timers/promises";
import { cpuSecondsOf, peakMegabytesOf, withLiveStage } from "./live-stage.mjs";
import { times } from "./measure.mjs";
import { startViewers } from "./polling-viewers.mjs";
import { underNode24 } from "./under-node24.mjs";

const viewers = 1000;
// A player asks once per target duration.
const everyMs = 2000;
const seconds = 20;

/** @typedef {{ keeper: string, owncast: string }} Pids */
/** @typedef {{ keeper: number, owncast: number }} Shares of one processor */

/**
 * Prints the playlist keeper's cost with 1,000 polling viewers, against no viewers and against Owncast's own playlists. Its
 * reports of viewers to Owncast count as Owncast's cost.
 */
export const benchKeeper = () =>
  underNode24("keeper", () =>
    withLiveStage(async ({ stand, keeper }) => {
      const pids = { keeper: `${keeper.pid()}`, owncast: `${stand.part("Owncast").pid}` };
      const idle = await sharesOf(pids);
      console.log(`  nobody watches: ${say(idle)}; keeper ${peakMegabytesOf(pids.keeper).toFixed(0)} MB at most`);
      /** @type {(what: string, url: string) => Promise<number>} */
      const load = async (what, url) => {
        const { shares, rate, failures } = await underLoad(url, stand.caFile, pids);
        const milliseconds = ((shares.keeper + shares.owncast - idle.keeper - idle.owncast) / rate) * 1e6;
        console.log(
          `  ${what}: ${say(shares)} at ${rate.toFixed(0)} requests/s, ${failures} of all failed; ` +
            `${milliseconds.toFixed(0)} ms of processor per 1,000 requests`,
        );
        return milliseconds;
      };
      const proxied = await load("requests to the keeper through Caddy", stand.page);
      const direct = await load("requests to the keeper directly", keeper.url);
      const peak = peakMegabytesOf(pids.keeper);
      const owncast = await load("requests to Owncast directly", stand.owncastUrl);
      console.log(
        `keeper: ${viewers} viewers take ${peak.toFixed(0)} MB at most; a response takes ${times(proxied / owncast)} ` +
          `of Owncast's own processor time for a response through Caddy, ${times(direct / owncast)} directly`,
      );
    }),
  );

/** @type {(url: string, caFile: string, pids: Pids) => Promise<{ shares: Shares, rate: number, failures: number }>} */
async function underLoad(url, caFile, pids) {
  const end = new AbortController();
  const { tally, done } = startViewers({ url, caFile, count: viewers, everyMs, signal: end.signal });
  // By now all viewers have connected and sent their first request.
  await sleep(3 * everyMs);
  const before = tally.answers;
  const shares = await sharesOf(pids);
  const rate = (tally.answers - before) / seconds;
  end.abort();
  await done;
  return { shares, rate, failures: tally.failures };
}

/**
 * Processor shares of both, without a change of the load.
 * @param {Pids} pids
 * @returns {Promise<Shares>}
 */
async function sharesOf({ keeper, owncast }) {
  const before = { keeper: cpuSecondsOf(keeper), owncast: cpuSecondsOf(owncast) };
  await sleep(seconds * 1000);
  return {
    keeper: (cpuSecondsOf(keeper) - before.keeper) / seconds,
    owncast: (cpuSecondsOf(owncast) - before.owncast) / seconds,
  };
}

/** @param {Shares} shares */
const say = ({ keeper, owncast }) =>
  `keeper ${(keeper * 100).toFixed(1)} %, Owncast ${(owncast * 100).toFixed(1)} % of a processor`;
