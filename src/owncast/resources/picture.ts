import { pictureFault } from "../../../codegen/load/assets.ts";
import {
  type AssetRef,
  type Assets,
  type AssetUse,
  type PictureType,
  typeByName,
} from "../../../codegen/schema/core/asset.ts";
import type { ExportedResource } from "./kind.ts";

const mediaTypes: Readonly<Record<PictureType, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  gif: "image/gif",
  svg: "image/svg+xml",
  ico: "image/x-icon",
};

/** A picture's media type, by the extension of its name. */
export const mediaTypeOf = (file: string): string => mediaTypes[typeByName(file)];

/** The bytes of a file that the seed names. Throws if they were not read with the seed. */
export function bytesOf({ file }: AssetRef, assets: Assets): Uint8Array {
  const bytes = assets.get(file);
  if (!bytes) throw new Error(`${file}: the seed names it, and its bytes were not read with it`);
  return bytes;
}

/** A picture as Owncast takes it in JSON. */
export const dataUriOf = (ref: AssetRef, assets: Assets): string =>
  `data:${mediaTypeOf(ref.file)};base64,${Buffer.from(bytesOf(ref, assets)).toString("base64")}`;

/** A picture on a line: eight digits of its hash tell two apart. */
export const shownPicture = (sha256: string): string => `picture ${sha256.slice(0, 8)}`;

/** A picture for `export`, with the reason if a stage file cannot hold it. `entry` names it by `path`. */
export function exportedPicture(use: AssetUse, path: string, entry: unknown, bytes: Uint8Array): ExportedResource {
  const fault =
    bytes.length > use.maxBytes
      ? `has ${bytes.length} bytes, expected at most ${use.maxBytes}`
      : pictureFault({ use, file: path }, bytes);
  return { entry, picture: { path, bytes }, ...(fault !== undefined && { fault }) };
}
