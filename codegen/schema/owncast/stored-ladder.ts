import { levels } from "./ladder.ts";

type Level = (typeof levels)[number];

/** How many segments Owncast 0.2.5 lists in each rendition's playlist, by its latency level (models/latencyLevels.go). */
const listed: Readonly<Record<Level, number>> = { lowest: 25, low: 15, medium: 10, high: 8, highest: 5 };
// Its clean-up, each minute, keeps so many more in the bucket than one playlist lists: for all renditions together.
const keptBesides = 20;

/** The most renditions whose listed segments survive Owncast's clean-up of an object storage. */
export const mostStoredRenditions = (latency: Level): number =>
  Math.floor((listed[latency] + keptBesides) / listed[latency]);

/**
 * Why Owncast's clean-up of an object storage would delete segments that its playlists list; undefined if it would not. Pure.
 * Without a latency, Owncast's own level counts.
 */
export function storedLadderFault(renditions: number, latency: Level = "medium"): string | undefined {
  const most = mostStoredRenditions(latency);
  if (renditions <= most) return undefined;
  const [other] = levels.filter((level) => renditions <= mostStoredRenditions(level));
  const [highest] = levels.slice(-1);
  const elsewhere =
    other === undefined
      ? `, or ${mostStoredRenditions("highest")} with video.latency highest`
      : `, or video.latency ${other}`;
  const remedy = latency === highest ? "" : elsewhere;
  const kept = listed[latency] + keptBesides;
  return `expected at most ${most} ${most === 1 ? "rendition" : "renditions"} with object storage and latency ${latency}${remedy}, because Owncast's clean-up keeps only ${kept} of the ${renditions} × ${listed[latency]} segments that its playlists list`;
}
