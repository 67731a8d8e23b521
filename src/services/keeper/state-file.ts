import { closeSync, lstatSync, openSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { codeOf } from "../../lib/error-cause.ts";
import { readSmallFile } from "../../lib/small-file.ts";
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
import { emptyStage, rememberedSessions, type StageState } from "./stage-playlists.ts";
import type { VariantState } from "./variant.ts";

// Raise it if the same state gets another meaning.
const version = 2;
const mostBytes = 4_000_000;

const whole = z.int().min(0);
const timeMs = z.number().min(0);
// The offline clip is named by its file and by the session that it ends.
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
    // Those of the last session, and the offline clip after them.
    segments: z.array(segment).max(2 * mostSegments),
    nextSequence: whole,
    shownUntil: z.exactOptional(whole),
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
  /** When it was written, on the monotonic clock, as all its times. */
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
 * Reads the state that the last keeper wrote; `emptyStage` if there is none. Never throws: it moves a file that is no state of
 * this version aside, keeps one such file at most, and starts new playlists.
 */
export function readState(file: string, nowMs: number, say: (line: string) => void): StageState {
  try {
    const found = stateFile.safeParse(JSON.parse(readSmallFile(file, mostBytes)));
    if (found.success) return inTime(found.data, nowMs);
    const [issue] = found.error.issues;
    const where = issue?.path.join(".") || "the whole";
    say(
      `${file} is not a state of this version (see ${where}); ${keepAside(file)}, and the keeper starts new playlists`,
    );
  } catch (error) {
    if (codeOf(error) === "ENOENT") return emptyStage;
    const what = error instanceof SyntaxError ? `${file} is not JSON` : (error as Error).message;
    say(`${what}; ${keepAside(file)}, and the keeper starts new playlists`);
  }
  return emptyStage;
}

/** Writes it whole or not at all: after a kill the file holds the old state or the new one. Throws the file system's errors. */
export function writeState(file: string, state: StageState, nowMs: number): void {
  const draft = `${file}.new`;
  const text = JSON.stringify({ version, writtenMs: nowMs, state });
  // Remove any kind of file here: opening a pipe would wait for a reader.
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

/** Moves times back if the machine has restarted, and its clock with it: then all ages are the same as at the write. */
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
