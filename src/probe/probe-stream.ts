import { setTimeout as sleep } from "node:timers/promises";
import { CliError } from "../lib/errors.ts";
import { type DeclaredRendition, sizeText, videoKbps } from "../media/declared-renditions.ts";
import { onFirstPathway, PlaylistError, type Variant } from "../viewer/playlist.ts";
import { ResponseFault, type Viewer } from "../viewer/viewer.ts";
import type { ResponseHeaders } from "./judge-headers.ts";
import { type ExpectedRendition, notDeclared } from "./judge-segments.ts";
import type { Fault } from "./probe-report.ts";

/** The expected stream, and the time limit; see `ProbeOptions`. */
export interface StreamOptions {
  readonly renditions?: readonly DeclaredRendition[] | undefined;
  /** Why there are none. */
  readonly undeclared?: string | undefined;
  readonly deadlineSeconds: number;
  readonly onProgress?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A rendition to check, as declared or as the master playlist names it; without `variant` it is missing there. */
export interface Subject {
  readonly rendition: ExpectedRendition;
  readonly variant: Variant | undefined;
}

/** The contents of status and master playlist. */
export interface Stream {
  readonly subjects: readonly Subject[];
  readonly faults: readonly Fault[];
  readonly clockAheadSeconds: number | undefined;
  /** Whether Owncast responds. If not, the rest of the stage cannot be checked. */
  readonly answers: boolean;
  /** The master playlist's headers, if it was whole. */
  readonly master?: ResponseHeaders | undefined;
}

const pollMs = 500;

/**
 * Polls until the stream is up with all its renditions, or until the deadline; a rendition that is missing then is a fault.
 * Throws CliError 69 if the very first request gets no response.
 */
export async function awaitStream(viewer: Viewer, options: StreamOptions): Promise<Stream> {
  const { deadlineSeconds, onProgress, signal } = options;
  const until = performance.now() + deadlineSeconds * 1000;
  for (let answered = false; ; answered = true) {
    const stream = await readStream(viewer, options).catch((error: Error): Stream => {
      // A server that has responded before may come back.
      if (!answered || signal?.aborted || !(error instanceof CliError)) throw error;
      return without({ check: "online", message: error.message }, false);
    });
    const waitsFor = stream.faults.find(({ check }) => check !== "extra");
    if (!waitsFor || performance.now() >= until) return stream;
    onProgress?.(waitsFor.rendition ? `${waitsFor.rendition}: ${waitsFor.message}` : waitsFor.message);
    await sleep(pollMs, undefined, { ...(signal && { signal }) });
  }
}

const without = (fault: Fault, answers = true): Stream => ({
  ...{ subjects: [], faults: [fault], answers },
  clockAheadSeconds: undefined,
});

const emptyWhileOnline = "; Owncast leaves a passthrough rendition out if the camera announces no video bitrate";

async function readStream(
  viewer: Viewer,
  { renditions: declared, undeclared = notDeclared }: StreamOptions,
): Promise<Stream> {
  try {
    const { online, clockAheadSeconds } = await viewer.status();
    if (!online)
      return without({ check: "online", message: "offline: nobody publishes, viewers get the offline clip" });
    const { playlist, headers } = await viewer.master();
    // A stage with edges lists each rendition once for each edge. A viewer begins at the first edge.
    const variants = onFirstPathway(playlist);
    return {
      ...(declared ? asDeclared(variants, declared) : asNamed(variants, undeclared)),
      ...{ clockAheadSeconds, answers: true, master: { what: "playlist", headers } },
    };
  } catch (error) {
    if (error instanceof ResponseFault) return without({ check: "online", message: error.message }, false);
    if (!(error instanceof PlaylistError)) throw error;
    const why = `${error.message}${/empty|names nothing/.test(error.message) ? emptyWhileOnline : ""}`;
    return without({ check: "master", message: `online, but the master playlist cannot be used: ${why}` });
  }
}

/** Without a declaration, the master playlist is right. */
const asNamed = (variants: readonly Variant[], undeclared: string): Pick<Stream, "subjects" | "faults"> => ({
  subjects: variants.map((variant) => ({
    rendition: {
      name: variant.width > 0 ? sizeText(variant) : variant.uri,
      width: variant.width,
      height: variant.height,
      undeclared,
    },
    variant,
  })),
  faults: [],
});

function asDeclared(
  variants: readonly Variant[],
  declared: readonly DeclaredRendition[],
): Pick<Stream, "subjects" | "faults"> {
  const { pairs, missing, extra } = matchRenditions(declared, variants);
  const others = variants.map(sizeText).join(", ");
  return {
    subjects: declared.map((rendition) => {
      const variant = pairs.find((pair) => pair.declared === rendition)?.variant;
      const { width, height } = rendition;
      // For an unknown side, the master playlist's is expected.
      return {
        rendition: { ...rendition, width: width || (variant?.width ?? 0), height: height || (variant?.height ?? 0) },
        variant,
      };
    }),
    faults: [
      ...missing.map(
        ({ name }): Fault => ({
          rendition: name,
          check: "missing",
          message: `not in the master playlist, which names ${others}`,
        }),
      ),
      ...extra.map(
        (variant): Fault => ({
          check: "extra",
          message: `${sizeText(variant)} is in the master playlist, but not declared`,
        }),
      ),
    ],
  };
}

/** The pairs of declared renditions and renditions of the master playlist. */
export interface Matched {
  readonly pairs: readonly { readonly declared: DeclaredRendition; readonly variant: Variant }[];
  readonly missing: readonly DeclaredRendition[];
  readonly extra: readonly Variant[];
}

/**
 * Matches by size, and renditions of one size by bitrate, the highest with the highest. A declared rendition of unknown size (the
 * camera's) gets a variant that is left; its place in the ladder decides between two. Pairs keep the declared order.
 */
export function matchRenditions(declared: readonly DeclaredRendition[], variants: readonly Variant[]): Matched {
  const unused = [...variants].sort((a, b) => b.bandwidthBps - a.bandwidthBps);
  const partners = new Map<DeclaredRendition, Variant>();
  const placesCount = !declared.every(isSized);
  const sizedFirst = [...declared].sort(
    (a, b) => Number(isSized(b)) - Number(isSized(a)) || videoKbps(b) - videoKbps(a),
  );
  for (const rendition of sizedFirst) {
    const candidates = unused.filter((variant) => fits(rendition, variant));
    const inPlace = candidates.find((variant) => placesCount && placeOf(variant) === declared.indexOf(rendition));
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

// A side of 0 is unknown, and any fits.
const fits = (declared: DeclaredRendition, variant: Variant): boolean =>
  [0, variant.width].includes(declared.width) && [0, variant.height].includes(declared.height);

const isSized = ({ width, height }: DeclaredRendition): boolean => width > 0 && height > 0;

/** Its place in the ladder, which Owncast puts into its address: `/hls/1/stream.m3u8`. */
const placeOf = ({ uri }: Variant): number => Number(/(?:^|\/)(\d+)\/[^/]*$/.exec(uri)?.[1] ?? Number.NaN);
