import { text } from "./text.ts";

/** The types of a picture, by the extension of its name. Its bytes must be of the same type. */
export type PictureType = "png" | "jpg" | "gif" | "svg" | "ico";

/** The types and the size that a picture may have, by its use: every viewer loads it. */
export const assetLimits = {
  logo: { types: ["png", "jpg", "svg"], maxBytes: 1_000_000 },
  // Owncast takes 200 KiB for the whole request; the form needs a little of that.
  favicon: { types: ["png", "ico"], maxBytes: 200_000 },
  // Owncast 0.2.5 refuses WebP.
  emoji: { types: ["png", "gif", "svg"], maxBytes: 200_000 },
} as const satisfies Record<string, { readonly types: readonly PictureType[]; readonly maxBytes: number }>;
export type AssetUse = keyof typeof assetLimits;

/** The bytes of the files that a seed names, by file name. */
export type Assets = ReadonlyMap<string, Uint8Array>;

/** A file as a seed names it. */
export interface AssetRef {
  readonly file: string;
  readonly sha256: string;
}

const endings = (use: AssetUse): string => assetLimits[use].types.join("|").replace("jpg", "jpe?g");
const endingsInWords = (use: AssetUse): string => assetLimits[use].types.map((type) => `.${type}`).join(", ");

/** A file as a stage file names it: a path that never leaves the stage file's folder. */
export const assetPath = (use: AssetUse) =>
  text({
    min: 5,
    max: 200,
    pattern: {
      regex: new RegExp(`^(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*\\.(?:${endings(use)})$`, "u"),
      says: `a path below the stage file's folder, such as main/${use}.${assetLimits[use].types[0]}: letters, digits, dots, dashes and slashes, no .., ending in ${endingsInWords(use)}`,
    },
  });

/** A file's name in a seed. The file lies in the folder beside the seed. */
export const assetName = (use: AssetUse) =>
  text({
    min: 5,
    max: 80,
    pattern: {
      regex: new RegExp(`^[A-Za-z0-9][A-Za-z0-9_-]*\\.(?:${assetLimits[use].types.join("|")})$`, "u"),
      says: `a file's name of letters, digits, dashes and underscores, ending in ${endingsInWords(use)}`,
    },
  });

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
