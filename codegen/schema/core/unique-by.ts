/** Arguments of a list's `.refine`: no two entries may have the same `key`, for by it they are told apart. */
export const uniqueBy = <Key extends string>(key: Key) =>
  [
    (entries: readonly Readonly<Record<Key, unknown>>[]): boolean =>
      new Set(entries.map((entry) => JSON.stringify(entry[key]))).size === entries.length,
    { error: `expected each ${key} once` },
  ] as const;
