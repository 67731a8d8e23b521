/**
 * The path of a value in a tree of plain data: a list of keys; a setting's dotted path (`video.latency`);
 * or a JSON pointer without escapes (`/videoSettings/latencyLevel`).
 */
export type Path = string | readonly PropertyKey[];

const keysOf = (path: Path): readonly PropertyKey[] => {
  if (typeof path !== "string") return path;
  return path.startsWith("/") ? path.slice(1).split("/") : path.split(".");
};

/** The value at a path; undefined if any step of the path is missing. */
export const valueAt = (tree: unknown, path: Path): unknown =>
  keysOf(path).reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], tree);

/** The tree that holds one value and nothing else: `nestedAt("video.latency", "low")` is `{ video: { latency: "low" } }`. */
export const nestedAt = (path: Path, value: unknown): unknown =>
  keysOf(path).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
