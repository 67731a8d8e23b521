import type { Rendition } from "../../codegen/schema/owncast/ladder.ts";

/** A rendition as a seed declares it. A number that depends on the camera is 0 while the camera is unknown. */
export interface DeclaredRendition {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly framerate: number;
  /** As declared; the encoder gets less, see `encodedKbps`. */
  readonly bitrateKbps: number;
  /** It is the camera's stream, so size, frame rate and bitrate are the camera's. */
  readonly passthrough?: boolean;
}

/** A camera's format. */
export type Picture = Pick<DeclaredRendition, "width" | "height" | "framerate" | "bitrateKbps">;

type Size = Pick<Picture, "width" | "height">;

/** Owncast subtracts this from the declared bitrate before it starts the encoder, in kbit/s (measured on 0.2.5). */
export const encoderDeductionKbps = 192;

/** The video bitrate of a rendition, in kbit/s; the encoder gets less than declared. */
export const videoKbps = ({
  bitrateKbps,
  passthrough,
}: Pick<DeclaredRendition, "bitrateKbps" | "passthrough">): number =>
  passthrough ? bitrateKbps : bitrateKbps - encoderDeductionKbps;

/** A size as people write it: `1280x720`, with `?` for an unknown side (0). */
export const sizeText = ({ width, height }: Size): string => `${width || "?"}x${height || "?"}`;

const unknown: Picture = { width: 0, height: 0, framerate: 0, bitrateKbps: 0 };

/** The renditions that a ladder declares, for a `camera` if it is known; undefined without a ladder. */
export function declaredRenditions(
  ladder: readonly Rendition[] | undefined,
  camera?: Picture,
): DeclaredRendition[] | undefined {
  return ladder?.map((rendition) => {
    const { name, passthrough, framerate, bitrateKbps } = rendition;
    if (passthrough) return { name, ...(camera ?? unknown), passthrough: true };
    if (framerate === undefined || bitrateKbps === undefined)
      throw new Error(`${name}: a valid seed gives each encoded rendition a framerate and a bitrate`);
    return { name, ...scaledSize(rendition, camera), framerate, bitrateKbps };
  });
}

/** Scales as Owncast does: a missing side keeps the camera's proportions and is even; without both, the camera's size stays. */
function scaledSize({ width, height }: Rendition, camera: Size | undefined): Size {
  if ((width !== undefined && height !== undefined) || !camera) return { width: width ?? 0, height: height ?? 0 };
  if (height !== undefined) return { width: even((height * camera.width) / camera.height), height };
  if (width !== undefined) return { width, height: even((width * camera.height) / camera.width) };
  return { width: camera.width, height: camera.height };
}

const even = (pixels: number): number => 2 * Math.round(pixels / 2);
