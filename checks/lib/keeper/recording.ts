/** A change in Owncast's folder. */
export interface Change {
  /** Time since the recording began. */
  readonly ms: number;
  /** A playlist (`stream.m3u8`, `0/stream.m3u8`), or a variant's segments (`0/`): their names, each on a line. */
  readonly name: string;
  /** Its text, torn or whole; undefined if it was absent. */
  readonly text: string | undefined;
}

/**
 * Writes changes as a text for people. First all distinct lines, each behind a bar and numbered from 0. Then the changes, as
 * `<ms> <name> <numbers of its lines>`, with `-` for an absent file. The part behind the last end of line is a line too: this
 * tells a torn text from a whole one. Lines that begin with `#` are comments.
 * @param notes what happened, and when
 */
export function writeRecording(
  changes: readonly Change[],
  notes: readonly { readonly ms: number; readonly note: string }[],
): string {
  const numbers = new Map<string, number>();
  const numberOf = (line: string): number => {
    const number = numbers.get(line) ?? numbers.size;
    numbers.set(line, number);
    return number;
  };
  const events = [
    ...notes.map(({ ms, note }) => ({ ms, line: `# ${ms} ${note}` })),
    ...changes.map(({ ms, name, text }) => {
      const lines = text === undefined ? "-" : asRanges(text.split("\n").map(numberOf));
      return { ms, line: `${ms} ${name} ${lines}` };
    }),
  ].sort((one, other) => one.ms - other.ms);
  return `${[...[...numbers.keys()].map((line) => `|${line}`), ...events.map(({ line }) => line)].join("\n")}\n`;
}

/** Reads the changes from such a text. Throws Error for an unknown line. */
export function readRecording(recording: string): Change[] {
  const lines: string[] = [];
  const changes: Change[] = [];
  for (const line of recording.trimEnd().split("\n")) {
    if (line.startsWith("#")) continue;
    if (line.startsWith("|")) {
      lines.push(line.slice(1));
      continue;
    }
    const [, ms, name = "", numbers = ""] = /^(\d+) (\S+) ([\d,-]+)$/.exec(line) ?? [];
    if (ms === undefined) throw new Error(`no line of a recording: ${line}`);
    const text =
      numbers === "-"
        ? undefined
        : fromRanges(numbers)
            .map((number) => lines[number])
            .join("\n");
    changes.push({ ms: Number(ms), name, text });
  }
  return changes;
}

/** `[3, 4, 5, 9]` as `3-5,9`. */
function asRanges(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range && range[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join();
}

const fromRanges = (text: string): number[] =>
  text.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
