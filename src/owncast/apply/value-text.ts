import { isDeepStrictEqual } from "node:util";
import { diffArrays } from "diff";
import { oneLine } from "../../../codegen/load/printable.ts";

/** One line of a diff: kept, removed, added or changed; `gap` stands for lines that are not shown. */
export interface DiffLine {
  readonly kind: "same" | "-" | "+" | "~" | "gap";
  readonly text: string;
}

/** A change of a value, for people: on the setting's own line, or on lines below it. */
export interface ValueText {
  readonly inline?: string;
  readonly lines?: readonly DiffLine[];
}

const maxScalar = 70;
const maxLine = 100;
// Characters shown before the first difference, so that a reader finds the place.
const lead = 20;
const maxShownLines = 12;
// With more changed lines, the whole text counts as replaced: the diff of two large texts would take minutes.
const maxChangedLines = 1000;

/** The difference between two values of a setting, both as a stage file says them. Long values are cut. Pure. */
export function valueText(have: unknown, want: unknown): ValueText {
  if (isText(have) && isText(want) && `${have}${want}`.includes("\n")) return { lines: textLines(have, want) };
  if (Array.isArray(want) && (Array.isArray(have) || have === undefined || have === null))
    return listText(have ?? [], want);
  if (isRecord(have) && isRecord(want)) return { lines: recordLines(have, want) };
  const [old, next] = aroundDifference(shown(have), shown(want), maxScalar);
  return { inline: `${old} → ${next}` };
}

const isText = (value: unknown): value is string => typeof value === "string";
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shown = (value: unknown): string =>
  value === undefined || value === null ? "nothing" : oneLine(JSON.stringify(value));

/** Two texts as a diff. If one line replaces another, both are cut around their first difference. */
function textLines(have: string, want: string): DiffLine[] {
  const lines = diffLines(have, want).map((line) => ({ ...line, text: oneLine(line.text.replaceAll("\t", "  ")) }));
  return lines.map((line, at) => {
    if (line.kind === "+" || line.kind === "-") {
      const partner = partnerOf(lines, at);
      if (partner !== undefined) return { ...line, text: aroundDifference(line.text, partner, maxLine)[0] };
    }
    return line.kind === "gap" ? line : { ...line, text: clip(line.text, 0, maxLine) };
  });
}

/** Two texts as a short diff by lines: each change with a line around it, and the number of changes that are not shown. */
function diffLines(have: string, want: string): DiffLine[] {
  const [old, next] = [have.split("\n"), want.split("\n")];
  const parts = diffArrays(old, next, { maxEditLength: maxChangedLines }) ?? [
    { value: old, removed: true, added: false },
    { value: next, removed: false, added: true },
  ];
  const all = parts.flatMap(({ value, added, removed }) =>
    value.map((text): DiffLine => ({ kind: added ? "+" : removed ? "-" : "same", text })),
  );
  // An empty line does not help to find the place.
  const isShown = (line: DiffLine, at: number): boolean =>
    isChange(line) || (line.text.trim() !== "" && all.slice(Math.max(0, at - 1), at + 2).some(isChange));
  const shown: DiffLine[] = [];
  let [before, count] = [0, 0];
  for (const [at, line] of all.entries()) {
    if (!isShown(line, at)) continue;
    if (count === maxShownLines) {
      const left = all.slice(at).filter(isChange).length;
      if (left === 0) break;
      return [...shown, { kind: "gap", text: `… ${left} more changed ${left === 1 ? "line" : "lines"}` }];
    }
    const isGap = count > 0 && all.slice(before, at).some(({ text }) => text.trim() !== "");
    if (isGap) shown.push({ kind: "gap", text: "…" });
    shown.push(line);
    before = at + 1;
    count++;
  }
  return shown;
}

const isChange = ({ kind }: DiffLine): boolean => kind === "-" || kind === "+";

/** In removed lines with added lines after them: the other line at the same place. */
function partnerOf(lines: readonly DiffLine[], at: number): string | undefined {
  const { kind } = lines[at]!;
  let start = at;
  while (lines[start - 1]?.kind === kind) start--;
  const place = at - start;
  if (kind === "-") {
    let end = at;
    while (lines[end]?.kind === "-") end++;
    const other = lines[end + place];
    return lines.slice(end, end + place + 1).every((line) => line.kind === "+") ? other?.text : undefined;
  }
  let begin = start;
  while (lines[begin - 1]?.kind === "-") begin--;
  return begin + place < start ? lines[begin + place]?.text : undefined;
}

/** Two texts on a line each, cut so that their first difference is shown. */
export function aroundDifference(one: string, other: string, limit: number): [string, string] {
  let first = 0;
  while (first < Math.min(one.length, other.length) && one[first] === other[first]) first++;
  const start = one.length <= limit && other.length <= limit ? 0 : Math.max(0, first - lead);
  return [clip(one, start, limit), clip(other, start, limit)];
}

/** At most `limit` characters of a text from `start` on. An ellipsis marks each cut. */
function clip(text: string, start: number, limit: number): string {
  const part = text.slice(start, start + limit).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
  return `${start > 0 ? "…" : ""}${part}${start + limit < text.length ? "…" : ""}`;
}

/** The first of these properties that all entries of a list have tells them apart. */
const keyNames = ["name", "title", "url"] as const;

function listText(have: readonly unknown[], want: readonly unknown[]): ValueText {
  const all = [...have, ...want];
  const key = keyNames.find((name) => all.length > 0 && all.every((one) => isRecord(one) && isText(one[name])));
  if (key) return { lines: namedLines(have as readonly Named[], want as readonly Named[], key) };
  const [old, next] = [have, want].map((list) => list.map(shown)) as [string[], string[]];
  const gone = old.filter((one) => !next.includes(one)).map((one) => `- ${one}`);
  const come = next.filter((one) => !old.includes(one)).map((one) => `+ ${one}`);
  const changes = [...gone, ...come].map((one) => clip(one, 0, maxScalar));
  if (changes.length === 0) return { inline: `in another order: ${clip(next.join(", "), 0, maxScalar)}` };
  const inline = someOf(changes, 6);
  return { inline: inline.length > 2 * maxScalar ? someOf(changes, 2) : inline };
}

type Named = Readonly<Record<string, unknown>>;

/** The removed, added and changed entries of a list whose entries have names. */
function namedLines(have: readonly Named[], want: readonly Named[], key: string): DiffLine[] {
  const byName = new Map(have.map((one) => [one[key], one]));
  const gone = have.filter((one) => !want.some((other) => other[key] === one[key]));
  const removed = gone.map((one): DiffLine => ({ kind: "-", text: label(one, key) }));
  const others = want.flatMap((one): DiffLine[] => {
    const old = byName.get(one[key]);
    if (!old) return [{ kind: "+", text: `${label(one, key)}: ${clip(properties(one, key), 0, maxLine)}` }];
    if (isDeepStrictEqual(old, one)) return [];
    const parts = recordLines(old, one).map(({ kind, text }) => (kind === "~" ? text : `${kind} ${text}`));
    return [{ kind: "~", text: `${label(one, key)}: ${clip(parts.join(", "), 0, 2 * maxLine)}` }];
  });
  const lines = [...removed, ...others];
  return lines.length > 0
    ? lines
    : [{ kind: "same", text: `in another order: ${want.map((one) => one[key]).join(", ")}` }];
}

const label = (one: Named, key: string): string => clip(oneLine(String(one[key])), 0, maxScalar);

const properties = (one: Named, key: string): string =>
  Object.entries(one)
    .filter(([name, value]) => name !== key && value !== "" && value !== undefined && value !== false)
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(", ");

/** The removed, added and changed keys of a mapping. */
function recordLines(have: Named, want: Named): DiffLine[] {
  const names = [...new Set([...Object.keys(have), ...Object.keys(want)])];
  return names.flatMap((name): DiffLine[] => {
    const [old, next] = [have[name], want[name]];
    if (isDeepStrictEqual(old, next)) return [];
    if (next === undefined) return [{ kind: "-", text: oneLine(name) }];
    if (old === undefined) return [{ kind: "+", text: `${oneLine(name)} ${clip(shown(next), 0, maxScalar)}` }];
    return [
      { kind: "~", text: `${oneLine(name)} ${aroundDifference(shown(old), shown(next), maxScalar).join(" → ")}` },
    ];
  });
}

/** The first of some words, and how many more there are. */
export const someOf = (words: readonly string[], count: number): string =>
  words.length > count ? `${words.slice(0, count).join(", ")} and ${words.length - count} more` : words.join(", ");
