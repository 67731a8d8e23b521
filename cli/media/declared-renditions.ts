import type { Rendition } from "../../codegen/schema/ladder.ts";
import type { DeclaredRendition } from "./probe-report.ts";

/** What a camera sends, and passthrough renditions therefore are. */
export type Picture = Pick<DeclaredRendition, "width" | "height" | "framerate" | "bitrateKbps">;

/**
 * The renditions that a ladder declares. A passthrough one is what the camera sends; as long as that is not known,
 * nothing is declared of the whole ladder (undefined), for a size more or less could be its.
 */
export function declaredRenditions(
  ladder: readonly Rendition[] | undefined,
  camera?: Picture,
): DeclaredRendition[] | undefined {
  const declared = ladder?.map(({ name, passthrough, width, height, framerate, bitrateKbps }) => {
    if (passthrough) return camera && { name, ...camera, passthrough: true };
    if (width === undefined || height === undefined || framerate === undefined || bitrateKbps === undefined)
      throw new Error(`${name}: a rendition without size, framerate or bitrate is no valid seed's`);
    return { name, width, height, framerate, bitrateKbps };
  });
  return declared?.every((rendition) => rendition !== undefined) ? declared : undefined;
}
