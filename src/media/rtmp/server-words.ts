const mostCharacters = 400;

/**
 * What a server gives as its reason, as one line that a terminal shows as it is. Undefined if it says nothing or repeats the
 * stream key.
 */
export function serverWords(text: unknown, streamKey: string): string | undefined {
  if (typeof text !== "string" || text.trim() === "") return undefined;
  if ([streamKey, encodeURIComponent(streamKey)].some((key) => text.includes(key))) return undefined;
  return text
    .trim()
    .slice(0, mostCharacters)
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "·");
}
