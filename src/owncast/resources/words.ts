/** Owncast's names as the stage file's words, sorted, so that order makes no difference; a name without a word stays. */
export const toWords = (names: Readonly<Record<string, string>>, found: readonly string[]): string[] => {
  const words = new Map(Object.entries(names).map(([word, name]) => [name, word]));
  return found.map((name) => words.get(name) ?? name).sort();
};
