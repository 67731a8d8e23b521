/** A cue as a player reads it. Times in seconds. */
export interface ParsedCue {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

export interface ParsedVtt {
  /** The timestamp (90 kHz) that the times count from. */
  readonly mpegts: number;
  readonly cues: readonly ParsedCue[];
}

const timing = /^(\d{2,}):([0-5]\d):([0-5]\d\.\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d\.\d{3})$/;
const references: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/**
 * Reads a segment's WebVTT strictly, without any code of the writer. Throws at whatever it does not expect: a stray line, a tag, a
 * reference that nobody wrote, a time out of form, an id twice.
 */
export function parseVtt(text: string): ParsedVtt {
  const [head = "", ...blocks] = text.split("\n\n");
  const [, mpegts] = /^WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:(\d+),LOCAL:00:00:00\.000\n?$/.exec(head) ?? [];
  if (mpegts === undefined) throw new Error(`no head: ${JSON.stringify(head.slice(0, 200))}`);
  const cues = blocks.filter((block) => block !== "").map(parseCue);
  if (new Set(cues.map(({ id }) => id)).size < cues.length) throw new Error("an id is there twice");
  return { mpegts: Number(mpegts), cues };
}

function parseCue(block: string): ParsedCue {
  const [id = "", times = "", ...lines] = block.replace(/\n$/, "").split("\n");
  const found = timing.exec(times);
  if (!found || !/^[\w-]+$/.test(id)) throw new Error(`not a cue: ${JSON.stringify(block.slice(0, 200))}`);
  const [, startHours, startMinutes, startSeconds, endHours, endMinutes, endSeconds] = found.map(Number);
  const start = startHours! * 3600 + startMinutes! * 60 + startSeconds!;
  const end = endHours! * 3600 + endMinutes! * 60 + endSeconds!;
  return { id, start, end, lines: lines.map(readText) };
}

function readText(line: string): string {
  if (line.trim() === "" || /[<>\p{Cc}]|-->/u.test(line)) throw new Error(`not a line: ${JSON.stringify(line)}`);
  return line.replace(/&\w*;?/g, (reference) => {
    const letter = references[reference];
    if (letter === undefined) throw new Error(`not a reference: ${reference}`);
    return letter;
  });
}
