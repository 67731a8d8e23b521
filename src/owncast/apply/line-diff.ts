/** One line of a diff: kept, taken away, added or changed in itself; `gap` stands for lines that are not shown. */
export interface DiffLine {
  readonly kind: "same" | "-" | "+" | "~" | "gap";
  readonly text: string;
}

const context = 1;
const maxShown = 12;
// Beyond this many pairs of lines the whole middle counts as replaced: a plan is no place to wait.
const maxPairs = 1_000_000;

/** Two texts as a short diff by lines: what changed, a line around it, and how much more there is. Pure. */
export function diffLines(have: string, want: string): DiffLine[] {
  const all = compare(have.split("\n"), want.split("\n"));
  const isShown = (line: DiffLine, at: number): boolean =>
    isChange(line) ||
    // An empty line tells nobody where he is.
    (line.text.trim() !== "" && all.slice(Math.max(0, at - context), at + context + 1).some(isChange));
  const shown: DiffLine[] = [];
  let [before, count] = [0, 0];
  for (const [at, line] of all.entries()) {
    if (!isShown(line, at)) continue;
    if (count === maxShown) {
      const left = all.slice(at).filter(isChange).length;
      if (left === 0) break;
      return [...shown, { kind: "gap", text: `… ${left} more changed ${left === 1 ? "line" : "lines"}` }];
    }
    const hidden = all.slice(before, at).some(({ text }) => text.trim() !== "");
    if (count > 0 && hidden) shown.push({ kind: "gap", text: "…" });
    shown.push(line);
    before = at + 1;
    count++;
  }
  return shown;
}

const isChange = ({ kind }: DiffLine): boolean => kind === "-" || kind === "+";

/** Every line of both, in order; of equal lines as many as can be are kept. */
function compare(have: readonly string[], want: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < Math.min(have.length, want.length) && have[head] === want[head]) head++;
  let tail = 0;
  const most = Math.min(have.length, want.length) - head;
  while (tail < most && have.at(-1 - tail) === want.at(-1 - tail)) tail++;
  const same = (lines: readonly string[]) => lines.map((text): DiffLine => ({ kind: "same", text }));
  const middle = align(have.slice(head, have.length - tail), want.slice(head, want.length - tail));
  return [...same(have.slice(0, head)), ...middle, ...same(have.slice(have.length - tail))];
}

/** The longest common subsequence of lines, as a diff. */
function align(have: readonly string[], want: readonly string[]): DiffLine[] {
  const removed = have.map((text): DiffLine => ({ kind: "-", text }));
  const added = want.map((text): DiffLine => ({ kind: "+", text }));
  if (have.length * want.length > maxPairs) return [...removed, ...added];
  const width = want.length + 1;
  const common = new Uint32Array((have.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = have.length - 1; row >= 0; row--)
    for (let column = want.length - 1; column >= 0; column--)
      common[row * width + column] =
        have[row] === want[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < have.length && column < want.length) {
    if (have[row] === want[column]) {
      lines.push({ kind: "same", text: have[row++]! });
      column++;
    } else if (at(row + 1, column) >= at(row, column + 1)) lines.push(removed[row++]!);
    else lines.push(added[column++]!);
  }
  return [...lines, ...removed.slice(row), ...added.slice(column)];
}
