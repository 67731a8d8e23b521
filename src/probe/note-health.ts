import { type HealthFinding, judgeStream, type StreamFacts, type StreamNeeds } from "../media/stream-health.ts";
import type { Notes, RenditionCheck } from "./checks.ts";
import { type ExpectedRendition, type Measured, ratesOver } from "./judge-segments.ts";

const checkOf: Readonly<Record<string, RenditionCheck>> = {
  ...{ videoCodec: "playable", videoProfile: "playable", audioCodec: "playable" },
  ...{ gopSizeLong: "gop", gopMismatch: "gop" },
  audioSilent: "silence",
};
/** What is judged only of a rendition that is passed on as the camera sends it. */
export const passthroughChecks: readonly RenditionCheck[] = ["gop", "camera"];

/**
 * Judges what viewers get as the gate judges what the camera sends: `silence`, `playable`; of a rendition that is passed on
 * `gop` and `camera` too. `needs` are the stage's, undefined without a seed.
 */
export function noteHealth(
  segments: readonly Measured[],
  expected: ExpectedRendition,
  needs: StreamNeeds | undefined,
  notes: Notes,
): void {
  const findings = [
    // Whatever it is, viewers' browsers get it as it is.
    ...judgeStream(playedFacts(segments), { hasPassthrough: true }),
    ...(expected.passthrough && needs ? judgeStream(cameraFacts(segments), needs) : []),
  ];
  if (segments.every(({ decoded }) => decoded.loudestDbfs === undefined)) notes.skip("silence", "no sound was decoded");
  if (segments.every(({ contents }) => contents.sps === undefined && contents.videoCodec === "h264"))
    notes.skip("playable", "its frames do not say of what kind they are");
  if (expected.undeclared !== undefined) for (const check of passthroughChecks) notes.skip(check, expected.undeclared);
  if (expected.passthrough && needs?.segmentSeconds === undefined)
    notes.skip("gop", "the seed has no video.latency, which says how long segments are");
  const judged: readonly RenditionCheck[] = ["silence", "playable", ...(expected.passthrough ? passthroughChecks : [])];
  for (const check of judged)
    noteFindings(
      check,
      findings.filter(({ id }) => (checkOf[id] ?? "camera") === check),
      measuredFor(check, segments),
      notes,
    );
}

function noteFindings(check: RenditionCheck, findings: readonly HealthFinding[], detail: string, notes: Notes): void {
  const joined = (texts: readonly string[]) => [...new Set(texts)].join("; ");
  const says = joined(findings.map((finding) => finding.says));
  const remedy = joined(findings.map((finding) => finding.remedy));
  if (findings.length === 0) notes.pass(check, detail);
  else if (findings.some(({ severity }) => severity === "error")) notes.fail(check, says, remedy);
  else notes.warn(check, says, remedy);
}

function measuredFor(check: RenditionCheck, segments: readonly Measured[]): string {
  const { loudestDbfs, keyframeSeconds } = { ...playedFacts(segments), ...cameraFacts(segments) };
  if (check === "silence" && loudestDbfs !== undefined) return `loudest ${Math.round(loudestDbfs)} dBFS`;
  if (check === "gop" && keyframeSeconds) return `every ${Math.round(keyframeSeconds.median * 10) / 10} s`;
  return "";
}

function playedFacts(segments: readonly Measured[]): StreamFacts {
  const [first] = segments;
  const levels = segments.flatMap(({ decoded }) => decoded.loudestDbfs ?? []);
  const { profileIdc, chromaFormatIdc, bitDepth } = first?.contents.sps ?? {};
  return {
    ...{ videoCodec: first?.contents.videoCodec, profileIdc, chromaFormatIdc, bitDepth },
    audioCodec: first?.contents.audioCodec,
    ...(levels.length > 0 && { loudestDbfs: Math.max(...levels) }),
  };
}

/** What the camera sends, from the segments that pass it on. */
function cameraFacts(segments: readonly Measured[]): StreamFacts {
  const [first] = segments;
  const { framerate, videoKbps } = ratesOver(segments);
  const distances = segments.map(keyframeDistances);
  return {
    ...{ width: first?.decoded.width, height: first?.decoded.height, fps: framerate, videoKbps },
    interlaced: first?.contents.sps?.interlaced,
    ...(distances.every((each) => each !== undefined) && { keyframeSeconds: spread(distances.flat()) }),
  };
}

/** Seconds from each keyframe to the next; the one after the last starts the next segment. */
function keyframeDistances({ contents, durationSeconds }: Measured): number[] | undefined {
  const times = contents.keyframesAtSeconds;
  if (!times || times.length === 0) return undefined;
  return times.map((time, index) => (times[index + 1] ?? durationSeconds) - time);
}

function spread(distances: readonly number[]): { median: number; longest: number } {
  const sorted = [...distances].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, longest: sorted.at(-1) ?? 0 };
}
