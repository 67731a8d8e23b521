import { createHash } from "node:crypto";
import { type AssetRef, type Assets, type PictureType, typeByName } from "../../../codegen/schema/core/asset.ts";

const mediaTypes: Readonly<Record<PictureType, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  gif: "image/gif",
  svg: "image/svg+xml",
  ico: "image/x-icon",
};

/** What a picture is sent as, by the ending of its name. */
export const mediaTypeOf = (file: string): string => mediaTypes[typeByName(file)];

/** The bytes of a file that the seed names. Throws when the caller did not read them with the seed. */
export function bytesOf({ file }: AssetRef, assets: Assets): Uint8Array {
  const bytes = assets.get(file);
  if (!bytes) throw new Error(`${file}: the seed names it, and its bytes were not read with it`);
  return bytes;
}

/** A picture as Owncast takes it in JSON. */
export const dataUriOf = (ref: AssetRef, assets: Assets): string =>
  `data:${mediaTypeOf(ref.file)};base64,${Buffer.from(bytesOf(ref, assets)).toString("base64")}`;

/** Hexadecimal SHA-256 of what the server shows, to compare with the seed's. */
export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A picture on a line: the beginning of its hash tells two apart. */
export const shownPicture = (sha256: string): string => `picture ${sha256.slice(0, 8)}`;
