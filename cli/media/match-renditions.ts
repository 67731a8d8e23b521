import type { Variant } from "./playlist.ts";
import type { DeclaredRendition } from "./probe-report.ts";

/** What Owncast takes off the declared bitrate for its encoder, in kbit/s (measured on 0.2.5). */
export const encoderDeductionKbps = 192;

/** Which rendition in the master playlist is which declared one. */
export interface Matched {
  readonly pairs: readonly { readonly declared: DeclaredRendition; readonly variant: Variant }[];
  readonly missing: readonly DeclaredRendition[];
  readonly extra: readonly Variant[];
}

/** A size as people write it: `1280x720`. */
export const sizeOf = ({ width, height }: { readonly width: number; readonly height: number }): string =>
  `${width}x${height}`;

/** What its picture takes, in kbit/s. */
export const pictureKbps = ({
  bitrateKbps,
  passthrough,
}: Pick<DeclaredRendition, "bitrateKbps" | "passthrough">): number =>
  passthrough ? bitrateKbps : bitrateKbps - encoderDeductionKbps;

/** Matches by size; renditions of the same size by bitrate, the highest with the highest. Pairs keep the declared order. */
export function matchRenditions(declared: readonly DeclaredRendition[], variants: readonly Variant[]): Matched {
  const unused = [...variants].sort((a, b) => b.bandwidthBps - a.bandwidthBps);
  const partners = new Map<DeclaredRendition, Variant>();
  for (const rendition of [...declared].sort((a, b) => pictureKbps(b) - pictureKbps(a))) {
    const index = unused.findIndex((variant) => sizeOf(variant) === sizeOf(rendition));
    if (index >= 0) partners.set(rendition, ...(unused.splice(index, 1) as [Variant]));
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
