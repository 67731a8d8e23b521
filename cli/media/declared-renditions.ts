import type { Rendition } from "../../codegen/schema/ladder.ts";
import type { DeclaredRendition } from "./probe-report.ts";

/** What a camera sends, and passthrough renditions therefore are. */
export type Picture = Pick<DeclaredRendition, "width" | "height" | "framerate" | "bitrateKbps">;

/**
 * The renditions that a ladder declares. A passthrough one is what the camera sends, and a side that is left out follows from the
 * camera's picture; as long as that is not known, nothing is declared of the whole ladder (undefined), for a size more or less
 * could be its.
 */
export function declaredRenditions(
  ladder: readonly Rendition[] | undefined,
  camera?: Picture,
): DeclaredRendition[] | undefined {
  const declared = ladder?.map((rendition) => {
    const { name, passthrough, framerate, bitrateKbps } = rendition;
    if (passthrough) return camera && { name, ...camera, passthrough: true };
    if (framerate === undefined || bitrateKbps === undefined)
      throw new Error(`${name}: a rendition without framerate or bitrate is no valid seed's`);
    const size = sizeIn(rendition, camera);
    return size && { name, ...size, framerate, bitrateKbps };
  });
  return declared?.every((rendition) => rendition !== undefined) ? declared : undefined;
}

type Size = Pick<Picture, "width" | "height">;

/** As Owncast scales: a side that is left out keeps the camera's proportions and is even; without both, the camera's size. */
function sizeIn({ width, height }: Rendition, camera: Size | undefined): Size | undefined {
  if (width !== undefined && height !== undefined) return { width, height };
  if (!camera) return undefined;
  if (height !== undefined) return { width: even((height * camera.width) / camera.height), height };
  if (width !== undefined) return { width, height: even((width * camera.height) / camera.width) };
  return { width: camera.width, height: camera.height };
}

const even = (pixels: number): number => 2 * Math.round(pixels / 2);
