import { targetDurationOf, type VariantState } from "./variant-state.ts";

/** A variant's playlist as players get it; undefined while there is nothing to list. `index` is the variant that is asked for. */
export function answerOf({ phase, segments }: VariantState, index: number): string | undefined {
  const [first] = segments;
  if (!first) return undefined;
  const ended = phase === "ended";
  const head = [
    "#EXTM3U",
    "#EXT-X-VERSION:6",
    // Of the list, not of the state: an older version's state may hold another.
    `#EXT-X-TARGETDURATION:${targetDurationOf(segments)}`,
    `#EXT-X-MEDIA-SEQUENCE:${first.sequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first.discontinuity ? first.ordinal - 1 : first.ordinal}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
  ];
  const body = segments.flatMap(({ input, uri, tags, discontinuity }) => [
    ...(discontinuity ? ["#EXT-X-DISCONTINUITY"] : []),
    ...tags,
    input === index ? uri : `../${input}/${uri}`,
  ]);
  return `${[...head, ...body, ...(ended ? ["#EXT-X-ENDLIST"] : [])].join("\n")}\n`;
}
