import { setTimeout as sleep } from "node:timers/promises";
import { CliError } from "../lib/errors.ts";
import { PlaylistError, type Variant } from "../viewer/playlist.ts";
import type { Viewer } from "../viewer/viewer.ts";
import type { Headed } from "./judge-headers.ts";
import { type ExpectedRendition, notDeclared } from "./judge-segments.ts";
import { matchRenditions, sizeOf } from "./match-renditions.ts";
import { type DeclaredRendition, type Fault, Finding } from "./probe-report.ts";

/** What to wait for and how long; see `ProbeOptions`. */
export interface StreamOptions {
  readonly renditions?: readonly DeclaredRendition[] | undefined;
  /** Why there are none. */
  readonly undeclared?: string | undefined;
  readonly deadlineSeconds: number;
  readonly onProgress?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A rendition to look at, as declared or as the master playlist has it; without `variant` it is missing there. */
export interface Subject {
  readonly rendition: ExpectedRendition;
  readonly variant: Variant | undefined;
}

/** What status and master playlist say. */
export interface Stream {
  readonly subjects: readonly Subject[];
  readonly faults: readonly Fault[];
  readonly clockAheadSeconds: number | undefined;
  /** Whether Owncast answers at all; only then is anything else worth looking at. */
  readonly answers: boolean;
  /** The master playlist's answer, when there was a whole one. */
  readonly master?: Headed | undefined;
}

const pollMs = 500;

/**
 * Looks until the stream is up with all its renditions, or the deadline is over: then what is missing is a fault.
 * Throws CliError 69 when the very first question gets no answer.
 */
export async function awaitStream(viewer: Viewer, options: StreamOptions): Promise<Stream> {
  const { deadlineSeconds, onProgress, signal } = options;
  const until = performance.now() + deadlineSeconds * 1000;
  for (let answered = false; ; answered = true) {
    const stream = await lookAtStream(viewer, options).catch((error: Error): Stream => {
      // Nobody there at all is for the caller; a server that has answered before may come back.
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

const emptyWhileOnline =
  "; Owncast leaves a rendition out that passes on what the camera sends when the camera announces no video bitrate";

async function lookAtStream(
  viewer: Viewer,
  { renditions: declared, undeclared = notDeclared }: StreamOptions,
): Promise<Stream> {
  try {
    const { online, clockAheadSeconds } = await viewer.status();
    if (!online)
      return without({ check: "online", message: "offline: nobody publishes, viewers get the offline clip" });
    const { playlist: variants, headers } = await viewer.master();
    const master: Headed = { what: "playlist", headers };
    return {
      ...(declared ? asDeclared(variants, declared) : asNamed(variants, undeclared)),
      ...{ clockAheadSeconds, answers: true, master },
    };
  } catch (error) {
    if (error instanceof Finding) return without({ check: error.check, message: error.message }, false);
    if (!(error instanceof PlaylistError)) throw error;
    const why = `${error.message}${/empty|names nothing/.test(error.message) ? emptyWhileOnline : ""}`;
    return without({ check: "master", message: `online, but the master playlist cannot be used: ${why}` });
  }
}

/** Without a declaration, whatever the master playlist names is right. */
const asNamed = (variants: readonly Variant[], undeclared: string): Pick<Stream, "subjects" | "faults"> => ({
  subjects: variants.map((variant) => ({
    rendition: {
      name: variant.width > 0 ? sizeOf(variant) : variant.uri,
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
  const others = variants.map(sizeOf).join(", ");
  return {
    subjects: declared.map((rendition) => {
      const variant = pairs.find((pair) => pair.declared === rendition)?.variant;
      const { width, height } = rendition;
      // What is the camera's is at least what the master playlist says.
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
          message: `${sizeOf(variant)} is in the master playlist, but not declared`,
        }),
      ),
    ],
  };
}
