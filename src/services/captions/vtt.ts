import type { Cue } from "./cues.ts";
import type { Segment } from "./source.ts";

const ptsCount = 2 ** 33;

/**
 * A segment's VTT. Its times count from the segment's start, where its first frame has `firstPts` (90 kHz, 33 bits). A cue that began
 * earlier begins with the segment; `VttMaker` knows better. At least 40 bytes, also without cues, because Owncast's player stops
 * at less.
 */
export function vttText(cues: readonly Cue[], segment: Pick<Segment, "start">, firstPts: number): string {
  const blocks = cues.map(({ id, start, end, lines }) => {
    const times = `${vttTime(start - segment.start)} --> ${vttTime(end - segment.start)}`;
    return `${id}\n${times}\n${lines.map(escapeText).join("\n")}\n`;
  });
  const pts = ((Math.round(firstPts) % ptsCount) + ptsCount) % ptsCount;
  return [`WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:${pts},LOCAL:00:00:00.000\n`, ...blocks].join("\n");
}

/** A track's VTT files, in order. */
export class VttMaker {
  /** Where the last file's times count from, if it has cues. */
  #origin: { readonly start: number; readonly firstPts: number } | undefined;

  /**
   * The text of the segment's file. A cue that began in an earlier segment has the very same times as there, because video.js shows a
   * cue twice if they differ: the file then counts from that earlier segment's start and timestamp, as WebVTT has no times below 0.
   */
  textOf(cues: readonly Cue[], segment: Segment, firstPts: number): string {
    const isSpanned = !segment.discontinuity && cues.some(({ start }) => start < segment.start - 0.0005);
    const origin = (isSpanned && this.#origin) || { start: segment.start, firstPts };
    this.#origin = cues.length > 0 ? origin : undefined;
    return vttText(cues, origin, origin.firstPts);
  }
}

/** `HH:MM:SS.mmm`; a time before 0 is 0. Hours may have more digits. */
export function vttTime(seconds: number): string {
  const ms = Math.max(0, Math.round(seconds * 1000));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const rest = String(ms % 1000).padStart(3, "0");
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${rest}`;
}

/** A text as WebVTT writes it. `-->` cannot be in it, for `>` is escaped. */
export const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
