import type { Rendition } from "../../codegen/schema/ladder.ts";
import type { DeclaredRendition } from "./probe-report.ts";

/** What a camera sends, and passthrough renditions therefore are. */
export type Picture = Pick<DeclaredRendition, "width" | "height" | "framerate" | "bitrateKbps">;

/** The renditions that a ladder declares. A passthrough one is what the camera sends; all its numbers are 0 while that is not known. */
export function declaredRenditions(
  ladder: readonly Rendition[] | undefined,
  camera?: Picture,
): DeclaredRendition[] | undefined {
  return ladder?.map(({ name, passthrough, width, height, framerate, bitrateKbps }) => {
    if (passthrough) return { name, ...(camera ?? unknown), passthrough: true };
    if (width === undefined || height === undefined || framerate === undefined || bitrateKbps === undefined)
      throw new Error(`${name}: a rendition without size, framerate or bitrate is no valid seed's`);
    return { name, width, height, framerate, bitrateKbps };
  });
}

const unknown: Picture = { width: 0, height: 0, framerate: 0, bitrateKbps: 0 };
