import type { levels, Rendition } from "../../codegen/schema/owncast/ladder.ts";
import { encoderDeductionKbps } from "../probe/match-renditions.ts";
import { segmentSeconds } from "./camera-needs.ts";
import type { StreamNeeds } from "./stream-health.ts";

/** What a stage's video settings ask of its camera. Without a ladder, only what its latency level asks for is known. */
export function streamNeeds({
  ladder = [],
  latency,
}: {
  readonly ladder?: readonly Rendition[] | undefined;
  readonly latency?: (typeof levels)[number] | undefined;
} = {}): StreamNeeds {
  const encoded = ladder.filter(({ passthrough }) => !passthrough);
  const most = (values: readonly (number | undefined)[]): number | undefined => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  const height = most(encoded.map((rendition) => rendition.height));
  const bitrateKbps = most(encoded.map((rendition) => rendition.bitrateKbps));
  return {
    segmentSeconds: segmentSeconds(latency),
    hasPassthrough: encoded.length < ladder.length,
    hasEncoded: encoded.length > 0,
    tallest: height === undefined ? undefined : { width: most(encoded.map(({ width }) => width)), height },
    fastestFps: most(encoded.map(({ framerate }) => framerate)),
    highestKbps: bitrateKbps === undefined ? undefined : bitrateKbps - encoderDeductionKbps,
  };
}
