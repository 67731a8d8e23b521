import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { z } from "zod";
import { type AssetMention, type Assets, assetsIn, type FileLookup, typeByName } from "../schema/core/asset.ts";
import { valueAt } from "../schema/core/paths.ts";
import { beyondDrawing, pictureType } from "./picture.ts";
import { ConfigError, formatPath } from "./problem.ts";
import type { Fault } from "./text-positions.ts";
import type { Document } from "./yaml-document.ts";

/** A file that a stage file or a seed names; in a seed with the hash of its bytes. Its path is relative to the document's files. */
type Mention = AssetMention & { readonly sha256?: unknown };

/** Hexadecimal SHA-256 of some bytes, as a seed carries it. */
export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The folder with the files of a seed. It lies beside the seed and has its name: `main/` for `main.json`. */
export const assetFolder = (seedFile: string): string => join(dirname(seedFile), basename(seedFile, extname(seedFile)));

/** Reads every file that a checked stage file names. Throws ConfigError with each file that is missing or does not fit its setting. */
export async function readStageAssets(
  stageFile: string,
  document: Document,
  schema: z.ZodType,
): Promise<{ readonly lookUp: FileLookup; readonly assets: Assets }> {
  const bytesByPath = await readMentioned(document, dirname(stageFile), assetsIn(schema, document.value));
  const assets = new Map<string, Uint8Array>();
  const lookUp: FileLookup = (path, file) => {
    const bytes = bytesByPath.get(path);
    if (!bytes) throw new Error(`${path}: named by the stage, yet not read`);
    assets.set(file, bytes);
    return { file, sha256: sha256Of(bytes) };
  };
  return { lookUp, assets };
}

/** Reads every file that a checked seed names. Throws ConfigError with each file that is missing or has changed. */
export async function readSeedAssets(seedFile: string, document: Document, schema: z.ZodType): Promise<Assets> {
  const mentions = assetsIn(schema, document.value).map((mention) => ({
    ...mention,
    sha256: valueAt(document.value, [...mention.at.slice(0, -1), "sha256"]),
  }));
  return readMentioned(document, assetFolder(seedFile), mentions);
}

async function readMentioned(
  document: Document,
  folder: string,
  mentions: readonly Mention[],
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const faults: Fault[] = [];
  for (const one of mentions) {
    const result = await readPicture(join(folder, one.file), one);
    if (typeof result === "string")
      faults.push({ offset: document.offsetAt(one.at), path: formatPath(one.at), message: result });
    else found.set(one.file, result);
  }
  if (faults.length > 0) throw new ConfigError(document.problems(faults));
  return found;
}

/** A file's bytes, or the fault of the file. */
async function readPicture(path: string, mention: Mention): Promise<Uint8Array | string> {
  const { maxBytes } = mention.use;
  try {
    // Check the size before reading: the file may be a film.
    const about = await stat(path);
    if (!about.isFile()) return `${path}: expected a picture, found a folder or a device`;
    if (about.size > maxBytes) return `${path}: has ${about.size} bytes, expected at most ${maxBytes}`;
    const bytes = await readFile(path);
    const fault = pictureFault(mention, bytes);
    return fault === undefined ? bytes : `${path}: ${fault}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `${path}: ${unreadable[code ?? ""] ?? `cannot be read (${code})`}`;
  }
}

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: "no such file; put the picture there",
  EACCES: "may not be read by this user",
};

/** Why some bytes do not fit their use or their name; undefined if they do. */
export function pictureFault(
  { use, file, sha256 }: Pick<Mention, "use" | "file" | "sha256">,
  bytes: Uint8Array,
): string | undefined {
  const type = pictureType(bytes);
  const named = typeByName(file);
  if (type !== named) {
    const got = type ? `is ${type.toUpperCase()}` : "is not a known picture type";
    return `${got}, expected ${named.toUpperCase()} as its name says (${use.name} takes ${use.types.join(", ")})`;
  }
  const more = type === "svg" ? beyondDrawing(bytes) : undefined;
  if (more !== undefined) return `holds ${more}, expected a picture and nothing else`;
  if (sha256 !== undefined && sha256 !== sha256Of(bytes))
    return `the file has changed since the seed was made; make the seed again`;
  return undefined;
}
