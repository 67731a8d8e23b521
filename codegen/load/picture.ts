import type { PictureType } from "../schema/asset.ts";

const signatures: readonly (readonly [type: PictureType | "webp", offset: number, bytes: string])[] = [
  ["png", 0, "\x89PNG\r\n\x1a\n"],
  ["jpg", 0, "\xff\xd8\xff"],
  ["gif", 0, "GIF87a"],
  ["gif", 0, "GIF89a"],
  ["ico", 0, "\0\0\x01\0"],
  ["webp", 8, "WEBP"],
];

/** What a picture is by its bytes, whatever its name says; undefined for what is none of these. */
export function pictureType(bytes: Uint8Array): PictureType | "webp" | undefined {
  const start = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  const found = signatures.find(([, offset, signature]) => start.startsWith(signature, offset));
  return found ? found[0] : isSvg(bytes) ? "svg" : undefined;
}

/** An SVG's root may come after a byte order mark, an XML declaration, comments and a document type. */
const prologue = /^(?:\s+|<\?[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*>)/i;

function isSvg(bytes: Uint8Array): boolean {
  let text = svgText(bytes).slice(0, 20_000);
  for (let rest = text.replace(prologue, ""); rest !== text; rest = text.replace(prologue, "")) text = rest;
  return /^<svg[\s>/]/.test(text);
}

/** Whether an SVG would run a script where it is opened by itself: under the stage's own address, with its rights. */
export const svgHasScript = (bytes: Uint8Array): boolean =>
  /<(?:[a-z0-9_-]+:)?script|\son[a-z]+\s*=|javascript:/i.test(svgText(bytes));

const svgText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
