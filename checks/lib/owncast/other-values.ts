/** A value that differs from another in one place, and that place. */
export interface Different {
  readonly what: string;
  readonly value: unknown;
}

/**
 * Variants of `value` as edits by hand make them. Each changes one number, text or switch, or one list: its first entry, one
 * entry less, or one more. `value` is in Owncast's own form.
 */
export function otherValues(value: unknown, what = ""): Different[] {
  if (typeof value === "boolean") return [{ what, value: !value }];
  if (typeof value === "number") return [{ what, value: value + 1 }];
  if (typeof value === "string") return [{ what, value: `${value}x` }];
  if (Array.isArray(value)) return otherLists(value, what);
  if (typeof value !== "object" || value === null) throw new Error(`${what}: no other value for ${value}`);
  return Object.entries(value).flatMap(([key, inner]) =>
    otherValues(inner, `${what}.${key}`).map(({ what, value: other }) => ({ what, value: { ...value, [key]: other } })),
  );
}

function otherLists(list: readonly unknown[], what: string): Different[] {
  const [first, ...rest] = list;
  const changed = list.length === 0 ? [] : otherValues(first, `${what}[0]`);
  const [another] = changed;
  return [
    ...changed.map(({ what, value }) => ({ what, value: [value, ...rest] })),
    ...(list.length > 1 ? [{ what: `${what}: one less`, value: rest }] : []),
    ...(another ? [{ what: `${what}: one more`, value: [...list, another.value] }] : []),
  ];
}
