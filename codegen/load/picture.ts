import type { PictureType } from "../schema/core/asset.ts";

const signatures: readonly (readonly [type: PictureType | "webp", offset: number, bytes: string])[] = [
  ["png", 0, "\x89PNG\r\n\x1a\n"],
  ["jpg", 0, "\xff\xd8\xff"],
  ["gif", 0, "GIF87a"],
  ["gif", 0, "GIF89a"],
  ["ico", 0, "\0\0\x01\0"],
  ["webp", 8, "WEBP"],
];

/** A picture's type by its bytes, whatever its name; undefined if it is unknown. */
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

const element = (names: string): RegExp => new RegExp(`<(?:[^\\s<>/:]+:)?(?:${names})[\\s/>]`, "i");

const moreThanDrawing: readonly (readonly [what: string, found: RegExp])[] = [
  ["a script", element("script|handler")],
  ["a script", /[\s"'/]on[a-z]+\s*=/i],
  ["a script", /j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*:/i],
  ["a page", element("foreignobject|iframe|object|embed")],
  ["a link to a style sheet in another file", /<\?xml-stylesheet/i],
  ["entities of its own", /<!ENTITY/i],
  ["text that is not UTF-8", /^\W*<\?xml[^>]*encoding\s*=\s*["'](?!utf-8["'])/i],
];

/**
 * The part of an SVG that is more than a drawing; undefined if none. It finds leftovers of drawing programs and mistakes. It is no
 * defence against attacks: for that, the proxy serves pictures under a strict policy.
 */
export function beyondDrawing(bytes: Uint8Array): string | undefined {
  const text = svgText(bytes).replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi, (_, hex, decimal) =>
    character(hex, decimal),
  );
  if (text.includes("\ufffd") || text.includes("\0")) return "text that is not UTF-8";
  return moreThanDrawing.find(([, found]) => found.test(text))?.[0];
}

function character(hex: string | undefined, decimal: string | undefined): string {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}

const svgText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
