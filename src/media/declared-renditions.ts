import type { Rendition } from "../../codegen/schema/owncast/ladder.ts";
import type { DeclaredRendition } from "../probe/probe-report.ts";

/** What a camera sends, and passthrough renditions therefore are. */
export type Picture = Pick<DeclaredRendition, "width" | "height" | "framerate" | "bitrateKbps">;

/**
 * The renditions that a ladder declares. A passthrough one is what the camera sends, and a side that is left out follows from the
 * camera's picture; these numbers are 0 while that is not known.
 */
export function declaredRenditions(
  ladder: readonly Rendition[] | undefined,
  camera?: Picture,
): DeclaredRendition[] | undefined {
  return ladder?.map((rendition) => {
    const { name, passthrough, framerate, bitrateKbps } = rendition;
    if (passthrough) return { name, ...(camera ?? unknown), passthrough: true };
    if (framerate === undefined || bitrateKbps === undefined)
      throw new Error(`${name}: a rendition without framerate or bitrate is no valid seed's`);
    return { name, ...sizeIn(rendition, camera), framerate, bitrateKbps };
  });
}

const unknown: Picture = { width: 0, height: 0, framerate: 0, bitrateKbps: 0 };

type Size = Pick<Picture, "width" | "height">;

/** As Owncast scales: a side that is left out keeps the camera's proportions and is even; without both, the camera's size. */
function sizeIn({ width, height }: Rendition, camera: Size | undefined): Size {
  if ((width !== undefined && height !== undefined) || !camera) return { width: width ?? 0, height: height ?? 0 };
  if (height !== undefined) return { width: even((height * camera.width) / camera.height), height };
  if (width !== undefined) return { width, height: even((width * camera.height) / camera.width) };
  return { width: camera.width, height: camera.height };
}

const even = (pixels: number): number => 2 * Math.round(pixels / 2);
