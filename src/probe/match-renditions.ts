import type { Variant } from "../viewer/playlist.ts";
import type { DeclaredRendition } from "./probe-report.ts";

/** What Owncast takes off the declared bitrate for its encoder, in kbit/s (measured on 0.2.5). */
export const encoderDeductionKbps = 192;

/** Which rendition in the master playlist is which declared one. */
export interface Matched {
  readonly pairs: readonly { readonly declared: DeclaredRendition; readonly variant: Variant }[];
  readonly missing: readonly DeclaredRendition[];
  readonly extra: readonly Variant[];
}

/** A size as people write it: `1280x720`; a length of 0 is not known. */
export const sizeOf = ({ width, height }: { readonly width: number; readonly height: number }): string =>
  `${width || "?"}x${height || "?"}`;

/** What its picture takes, in kbit/s. */
export const pictureKbps = ({
  bitrateKbps,
  passthrough,
}: Pick<DeclaredRendition, "bitrateKbps" | "passthrough">): number =>
  passthrough ? bitrateKbps : bitrateKbps - encoderDeductionKbps;

/** Whether a variant can be a declared rendition; a length of 0 is not known, and any fits. */
const fits = (declared: DeclaredRendition, variant: Variant): boolean =>
  [0, variant.width].includes(declared.width) && [0, variant.height].includes(declared.height);

const isSized = ({ width, height }: DeclaredRendition): boolean => width > 0 && height > 0;

/**
 * Matches by size; renditions of the same size by bitrate, the highest with the highest. A rendition whose size is not known, for
 * it is the camera's, gets what is left; Owncast's numbers then say which of two of the same size is which. Pairs keep the declared order.
 */
export function matchRenditions(declared: readonly DeclaredRendition[], variants: readonly Variant[]): Matched {
  const unused = [...variants].sort((a, b) => b.bandwidthBps - a.bandwidthBps);
  const partners = new Map<DeclaredRendition, Variant>();
  const takesPlaces = !declared.every(isSized);
  const sizedFirst = [...declared].sort(
    (a, b) => Number(isSized(b)) - Number(isSized(a)) || pictureKbps(b) - pictureKbps(a),
  );
  for (const rendition of sizedFirst) {
    const candidates = unused.filter((variant) => fits(rendition, variant));
    const inPlace = candidates.find((variant) => takesPlaces && placeOf(variant) === declared.indexOf(rendition));
    const partner = inPlace ?? candidates[0];
    if (!partner) continue;
    partners.set(rendition, partner);
    unused.splice(unused.indexOf(partner), 1);
  }
  return {
    pairs: declared.flatMap((rendition) => {
      const variant = partners.get(rendition);
      return variant ? [{ declared: rendition, variant }] : [];
    }),
    missing: declared.filter((rendition) => !partners.has(rendition)),
    extra: variants.filter((variant) => unused.includes(variant)),
  };
}

/** Its number in the ladder, which Owncast puts into its address: `/hls/1/stream.m3u8`. */
const placeOf = ({ uri }: Variant): number => Number(/(?:^|\/)(\d+)\/[^/]*$/.exec(uri)?.[1] ?? Number.NaN);
