/** The value that a text says; undefined if it is no JSON. For a schema to judge. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
