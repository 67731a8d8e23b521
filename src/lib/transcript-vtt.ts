/** A cue of a transcript. Times in seconds from its session's start. */
export interface TranscriptCue {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** What of a transcript's WebVTT is whole. */
export interface WholeVtt {
  readonly cues: readonly TranscriptCue[];
  /** How many bytes of the file that is; the rest was being written, or is not a transcript's. 0 without the head. */
  readonly bytes: number;
}

const timing = /^(\d{2,6}):([0-5]\d):([0-5]\d\.\d{3}) --> (\d{2,6}):([0-5]\d):([0-5]\d\.\d{3})$/;
const separator = Buffer.from("\n\n");
const references: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Reads a transcript that may still grow, or whose writer was killed: up to the last whole cue. Never throws. */
export function readWholeVtt(file: Buffer): WholeVtt {
  const cues: TranscriptCue[] = [];
  let bytes = 0;
  for (;;) {
    const end = file.indexOf(separator, bytes);
    if (end < 0) return { cues, bytes };
    const block = file.toString("utf8", bytes, end);
    const isHead = bytes === 0;
    const cue = isHead || block.startsWith("NOTE") ? undefined : readCue(block);
    if (isHead ? block !== "WEBVTT" : !cue && !block.startsWith("NOTE")) return { cues, bytes };
    if (cue) cues.push(cue);
    bytes = end + separator.length;
  }
}

function readCue(block: string): TranscriptCue | undefined {
  const [, times = "", ...lines] = block.split("\n");
  const found = timing.exec(times);
  if (!found || lines.length === 0 || block.includes("\0")) return undefined;
  const [, startHours, startMinutes, startSeconds, endHours, endMinutes, endSeconds] = found.map(Number);
  return {
    start: startHours! * 3600 + startMinutes! * 60 + startSeconds!,
    end: endHours! * 3600 + endMinutes! * 60 + endSeconds!,
    lines: lines.map((line) => line.replace(/&(amp|lt|gt);/g, (reference) => references[reference] ?? reference)),
  };
}
