/** Owncast leaves empty texts out of what reads back: so do both sides of the comparison. */
export const withoutEmpty = (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== ""));
