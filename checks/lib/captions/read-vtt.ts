/** A cue as a player reads it. Times are in seconds of the stream's timestamps. */
export interface ReadCue {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const ptsPerSecond = 90_000;

/** Reads a VTT segment as Apple's authoring rules have it. Throws if it is none. */
export function readVtt(text: string): ReadCue[] {
  const [, pts] = /^WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:(\d+),LOCAL:00:00:00\.000\n/.exec(text) ?? [];
  if (pts === undefined) throw new Error(`no VTT segment: ${JSON.stringify(text.slice(0, 200))}`);
  const zero = Number(pts) / ptsPerSecond;
  const form =
    /^(\S+)\n(\d{2,}):(\d\d):(\d\d\.\d{3}) --> (\d{2,}):(\d\d):(\d\d\.\d{3})[^\n]*\n([\s\S]*?)(?=\n\n|\n*$)/gm;
  return [...text.matchAll(form)].map(([, id = "", h1, m1, s1, h2, m2, s2, words = ""]) => ({
    id,
    start: zero + Number(h1) * 3600 + Number(m1) * 60 + Number(s1),
    end: zero + Number(h2) * 3600 + Number(m2) * 60 + Number(s2),
    text: words.replace(/\s+/g, " ").trim(),
  }));
}

/** The cues of successive files, each once. */
export function readVtts(texts: readonly string[]): ReadCue[] {
  const cues = new Map<string, ReadCue>();
  for (const text of texts) for (const cue of readVtt(text)) cues.set(cue.id, cue);
  return [...cues.values()];
}
