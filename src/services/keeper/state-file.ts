import { closeSync, lstatSync, openSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { codeOf } from "../../lib/error-cause.ts";
import { isSegmentFile } from "../../media/segment-name.ts";
import {
  countVariants,
  isSegmentTag,
  longestSeconds,
  mostPlaylistBytes,
  mostSegments,
  mostTags,
  mostVariants,
} from "./owncast-playlist.ts";
import { readSmallFile } from "./read-file.ts";
import { nothingYet, rememberedSessions, type StageState } from "./stage-playlists.ts";
import type { VariantState } from "./variant-state.ts";

// To be raised when a state means something else than before.
const version = 2;
const mostBytes = 4_000_000;

const whole = z.int().min(0);
const timeMs = z.number().min(0);
// The clip at the end is named by its file and by the session that it ends.
const sessionName = z.string().max(600);

const segment = z.strictObject({
  input: whole.max(mostVariants - 1),
  uri: z.string().refine(isSegmentFile),
  durationSeconds: z.number().min(0).max(longestSeconds),
  tags: z.array(z.string().refine(isSegmentTag)).max(mostTags),
  sequence: whole,
  ordinal: whole,
  discontinuity: z.boolean(),
});

const variant = z
  .strictObject({
    phase: z.enum(["silent", "live", "held", "ended"]),
    heldSinceMs: z.exactOptional(timeMs),
    tornSinceMs: z.exactOptional(timeMs),
    newestMs: timeMs,
    // What is listed of the last session, and the clip after it.
    segments: z.array(segment).max(2 * mostSegments),
    nextSequence: whole,
    lastOrdinal: whole.or(z.literal(-1)),
    targetDuration: whole.max(longestSeconds),
    windowSegments: whole.max(mostSegments),
    session: z.exactOptional(z.strictObject({ name: sessionName, offset: whole })),
  })
  .refine(({ segments, nextSequence }) =>
    segments.every(({ sequence }, index) => sequence === nextSequence - segments.length + index),
  );

const stateFile = z.strictObject({
  version: z.literal(version),
  /** When it was written, on the clock that all times in it are of. */
  writtenMs: timeMs,
  state: z.strictObject({
    master: z.exactOptional(
      z
        .string()
        .max(mostPlaylistBytes)
        .refine((text) => countVariants(text) !== undefined),
    ),
    count: whole.max(mostVariants),
    variants: z.array(variant).max(mostVariants),
    sessions: z.array(z.strictObject({ name: sessionName, ordinal: whole })).max(rememberedSessions),
  }),
});

/**
 * The state that the last keeper wrote; `nothingYet` if there is none. Never throws: what is not a state of this version is kept
 * aside, one file at most, and the answers begin anew.
 */
export function readState(file: string, nowMs: number, say: (line: string) => void): StageState {
  try {
    const found = stateFile.safeParse(JSON.parse(readSmallFile(file, mostBytes)));
    if (found.success) return inTime(found.data, nowMs);
    const [issue] = found.error.issues;
    const where = issue?.path.join(".") || "the whole";
    say(`${file} is not a state of this version (see ${where}); ${keepAside(file)}, and playlists begin anew`);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return nothingYet;
    const what = error instanceof SyntaxError ? `${file} is not JSON` : (error as Error).message;
    say(`${what}; ${keepAside(file)}, and playlists begin anew`);
  }
  return nothingYet;
}

/** Writes it whole or not at all: a kill leaves the state before or the one after. Throws what the file system says. */
export function writeState(file: string, state: StageState, nowMs: number): void {
  const draft = `${file}.new`;
  const text = JSON.stringify({ version, writtenMs: nowMs, state });
  // Whatever lies there: opening a pipe would wait for somebody who reads.
  rmSync(draft, { recursive: true, force: true });
  try {
    const descriptor = openSync(draft, "wx", 0o640);
    try {
      writeFileSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

/** The clock begins anew with the machine. The time until then is not known: ages are what they were when this was written. */
function inTime({ writtenMs, state }: z.output<typeof stateFile>, nowMs: number): StageState {
  const backMs = Math.max(0, writtenMs - nowMs);
  const moved = (ms: number): number => Math.max(0, Math.min(ms, writtenMs) - backMs);
  const variants = state.variants.map(
    (one): VariantState => ({
      ...one,
      newestMs: moved(one.newestMs),
      ...(one.heldSinceMs !== undefined && { heldSinceMs: moved(one.heldSinceMs) }),
      ...(one.tornSinceMs !== undefined && { tornSinceMs: moved(one.tornSinceMs) }),
    }),
  );
  return { ...state, variants };
}

function keepAside(file: string): string {
  const aside = `${file}.bad`;
  try {
    rmSync(aside, { recursive: true, force: true });
    renameSync(file, aside);
    const stat = lstatSync(aside);
    if (stat.isFile() && stat.size > mostBytes) truncateSync(aside, mostBytes);
    return `it is kept as ${aside}`;
  } catch (error) {
    return `it stays there (${(error as Error).message})`;
  }
}
