import { setTimeout as sleep } from "node:timers/promises";
import { withLiveStage } from "./live-stage.mjs";
import { ask, keptConnection } from "./polling-viewers.mjs";
import { underNode24 } from "./under-node24.mjs";

const reads = 10_000;
// Parallel reads, each over a connection of its own: like many viewers' reads, they hit every moment of a write.
const readers = 20;
const pauseMs = 150;

/** Prints how many of 10,000 reads of a live stage's playlists are torn: Owncast's behind a plain Caddy, and the keeper's. */
export const benchTorn = () =>
  underNode24("torn", () =>
    withLiveStage(async ({ stand, plainUrl }) => {
      /** The newest segment in any response, by variant. @type {number[]} */
      const newestOfAll = [];
      const [before, after] = await Promise.all([
        readMany(plainUrl, stand.caFile, newestOfAll),
        readMany(stand.page, stand.caFile, newestOfAll),
      ]);
      for (const [what, { empty, cut, older, behind }] of /** @type {const} */ ([
        ["Owncast behind Caddy", before],
        ["the keeper behind Caddy", after],
      ]))
        console.log(
          `torn: ${what}: of ${reads} reads ${empty} were empty, ${cut} cut off, ${older} older than an earlier one; ` +
            `${behind} lacked a segment that the other server had shown`,
        );
    }),
  );

/** @param {string} url @param {string} caFile @param {number[]} newestOfAll */
async function readMany(url, caFile, newestOfAll) {
  const count = { reads: 0, empty: 0, cut: 0, older: 0, behind: 0 };
  /** The newest segment in a response here, by variant. @type {number[]} */
  const newest = [];
  const read = async (/** @type {number} */ reader) => {
    const agent = keptConnection(url, caFile);
    const variant = reader % 2;
    while (count.reads < reads) {
      count.reads += 1;
      const [known = -1, knownToAll = -1] = [newest[variant], newestOfAll[variant]];
      const { status, text } = await ask(`${url}/hls/${variant}/stream.m3u8`, { agent });
      if (status !== 200) throw new Error(`${url} answers ${status}`);
      const sequence = newestIn(text);
      if (text === "") count.empty += 1;
      else if (sequence === undefined) count.cut += 1;
      else if (sequence < known) count.older += 1;
      else if (sequence < knownToAll) count.behind += 1;
      for (const list of [newest, newestOfAll]) list[variant] = Math.max(list[variant] ?? -1, sequence ?? -1);
      await sleep(pauseMs * 2 * Math.random());
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: readers }, (_, reader) => read(reader)));
  return count;
}

/** Owncast's number of the newest segment in a complete playlist; undefined if the playlist is cut off. @param {string} text */
function newestIn(text) {
  const isWhole = text.startsWith("#EXTM3U\n") && /\n(?:[^#\n]+\.ts|#EXT-X-ENDLIST)\n$/.test(text);
  const [, number] = /-(\d+)\.ts\n$/.exec(text) ?? [];
  return isWhole ? Number(number) : undefined;
}
