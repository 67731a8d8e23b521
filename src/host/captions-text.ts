import { oneLine } from "../../codegen/load/printable.ts";
import type { Paint } from "../lib/colour.ts";
import type { CaptionsState, CaptionTrackState } from "./captions-client.ts";

/** A line for each caption track of a stage: its name, and whether players are offered it, or why not. */
export function captionLines({ onAir, trailSegments, tracks, faults }: CaptionsState, paint: Paint): string[] {
  const width = Math.max(0, ...tracks.map(({ language }) => language.length));
  const lasting = Object.entries(faults).flatMap(([kind, { reason }]) =>
    reason === undefined ? [] : [{ kind, reason }],
  );
  return [
    `captions: ${onAir ? "" : "nobody is on air; "}trail ${trailSegments} segments`,
    ...tracks.map((track) => `  ${signOf(track, paint)} ${oneLine(track.language).padEnd(width)}  ${trackText(track)}`),
    ...lasting.map(({ kind, reason }) => `  ${paint("✗", "✗")} ${oneLine(kind)}: ${oneLine(reason)}`),
  ];
}

/** Whether what needs no person works. People come and go: an interpreter or a captioner who is not there is no fault of the host. */
export function areCaptionsWell({ tracks, faults }: CaptionsState): boolean {
  const away = tracks.filter(({ ready }) => !ready);
  const isPersonAway = away.some(isPerson);
  // A translation of a person's track waits for that person.
  const isFaulty = (track: CaptionTrackState): boolean =>
    track.source === "speech" || (track.source === "translation" && !isPersonAway);
  return !away.some(isFaulty) && Object.values(faults).every(({ reason }) => reason === undefined);
}

const isPerson = ({ source }: CaptionTrackState): boolean => source === "interpreter" || source === "push";

const signOf = (track: CaptionTrackState, paint: Paint): string =>
  track.ready ? paint("✓", "✓") : isPerson(track) ? paint("!", "!") : paint("✗", "✗");

function trackText({ name, source, ready, fault, words, lateWords, goesTo }: CaptionTrackState): string {
  const label = `${oneLine(name)}, ${oneLine(source)}`;
  if (!ready) return `${label}: players are not offered it: ${oneLine(fault ?? "its source says no reason")}`;
  const late = lateWords === 0 ? "" : `, ${lateWords} of them late`;
  const where = goesTo === undefined ? "" : `; its text goes to ${oneLine(goesTo)}`;
  return `${label}: ready, ${words} words${late}${where}`;
}
