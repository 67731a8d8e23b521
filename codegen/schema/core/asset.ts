import { z } from "zod";
import { withoutOptional } from "./fields.ts";
import { valueAt } from "./paths.ts";
import { text } from "./text.ts";

/** The types of a picture, by the extension of its name. Its bytes must be of the same type. */
export type PictureType = "png" | "jpg" | "gif" | "svg" | "ico";

/** The use of a file, and its allowed types and size: every viewer loads it. */
export interface AssetUse {
  /** The start of the file's name in a seed. */
  readonly name: string;
  readonly types: readonly PictureType[];
  readonly maxBytes: number;
}

/** Every leaf of a schema that names a file. */
const assetUses = z.registry<AssetUse>();

/** The bytes of the files that a seed names, by file name. */
export type Assets = ReadonlyMap<string, Uint8Array>;

/** A file as a seed names it. */
export interface AssetRef {
  readonly file: string;
  readonly sha256: string;
}

/** The seed's file for one that a stage file names by its path. `name` is its name in the seed. */
export type FileLookup = (path: string, name: string) => AssetRef;

const endings = ({ types }: AssetUse): string => types.join("|").replace("jpg", "jpe?g");
const endingsInWords = ({ types }: AssetUse): string => types.map((type) => `.${type}`).join(", ");

/** A file as a stage file names it: a path that never leaves the stage file's folder. */
export const assetPath = (use: AssetUse) =>
  text({
    min: 5,
    max: 200,
    pattern: {
      regex: new RegExp(`^(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*\\.(?:${endings(use)})$`, "u"),
      says: `a path below the stage file's folder, such as main/${use.name}.${use.types[0]}: letters, digits, dots, dashes and slashes, no .., ending in ${endingsInWords(use)}`,
    },
  }).register(assetUses, use);

/** A file's name in a seed. The file lies in the folder beside the seed. */
export const assetName = (use: AssetUse) =>
  text({
    min: 5,
    max: 80,
    pattern: {
      regex: new RegExp(`^[A-Za-z0-9][A-Za-z0-9_-]*\\.(?:${use.types.join("|")})$`, "u"),
      says: `a file's name of letters, digits, dashes and underscores, ending in ${endingsInWords(use)}`,
    },
  }).register(assetUses, use);

/**
 * SHA-256 of the file's bytes, in lower-case hexadecimal.
 * @example 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
 */
export const sha256 = text({
  min: 64,
  max: 64,
  pattern: { regex: /^[0-9a-f]{64}$/u, says: "64 lower-case hexadecimal digits" },
});

/** A picture's type by the extension of its name. */
export const typeByName = (file: string): PictureType =>
  file.slice(file.lastIndexOf(".") + 1).replace("jpeg", "jpg") as PictureType;

/** A place where a stage file or a seed names a file. */
export interface AssetMention {
  readonly use: AssetUse;
  readonly at: readonly PropertyKey[];
  readonly file: string;
}

/** Every file that a value names, which the schema has checked. Finds none in unions and mappings with free keys. */
export function assetsIn(schema: z.ZodType, value: unknown, at: readonly PropertyKey[] = []): AssetMention[] {
  const inner = withoutOptional(schema);
  const use = assetUses.get(inner);
  if (value === undefined) return [];
  if (use) return [{ use, at, file: value as string }];
  if (inner instanceof z.ZodArray)
    return (value as unknown[]).flatMap((entry, index) => assetsIn(inner.element as z.ZodType, entry, [...at, index]));
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([key, child]) =>
    assetsIn(child as z.ZodType, valueAt(value, [key]), [...at, key]),
  );
}

/** A stage with each file as the seed names it. A file is a setting's value, or the `file` of a list's entry with a `name`. Pure. */
export function withAssetRefs<T extends object>(schema: z.ZodType, stage: T, lookUp: FileLookup): T {
  const seed = structuredClone(stage);
  for (const { use, at, file } of assetsIn(schema, seed)) {
    const key = String(at.at(-1));
    const holder = valueAt(seed, at.slice(0, -1)) as Record<string, unknown>;
    const name = key === "file" ? `${use.name}-${holder.name}` : use.name;
    const ref = lookUp(file, `${name}.${typeByName(file)}`);
    Object.assign(holder, key === "file" ? ref : { [key]: ref });
  }
  return seed;
}
