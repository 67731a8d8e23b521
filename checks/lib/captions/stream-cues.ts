import { parseVtt } from "./parse-vtt.ts";

/** A cue with its times on the stream's own axis, in seconds of its timestamps. */
export interface StreamCue {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const ptsPerSecond = 90_000;

/** The cues of successive files of one connection of the publisher, each once. */
export function streamCues(texts: readonly string[]): StreamCue[] {
  const cues = new Map<string, StreamCue>();
  for (const text of texts) {
    const { mpegts, cues: found } = parseVtt(text);
    const zero = mpegts / ptsPerSecond;
    for (const { id, start, end, lines } of found)
      cues.set(id, { id, start: zero + start, end: zero + end, text: lines.join(" ") });
  }
  return [...cues.values()];
}
