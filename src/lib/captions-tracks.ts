import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isRunning } from "./is-running.ts";
import { monotonicMs } from "./monotonic.ts";
import { readSmallFile } from "./small-file.ts";

/**
 * What the captions service tells the keeper: a file in the captions folder, written whole about every half second. Beside it, each
 * track has a folder named as its language, with one `stream-<session>-<number>.vtt` for each segment.
 */
export interface CaptionTracks {
  /** The writer. The tracks end with it. */
  readonly pid: number;
  /** When it was written, on the monotonic clock. */
  readonly writtenMs: number;
  /** A segment's captions are written before so many newer segments are there. */
  readonly trailSegments: number;
  /** Only tracks that have captions now. */
  readonly tracks: readonly CaptionTrack[];
}

/** A track in the master playlist. */
export interface CaptionTrack {
  readonly language: string;
  /** For viewers, in that language. */
  readonly name: string;
}

/** As in the stage file: the folder's name, and a part of addresses. */
export const languagePattern = "[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}";
/** The captions service's User-Agent to the keeper: it is no viewer. */
export const captionsProgram = "lectern-captions";
/** Where the captions service gets the picture's playlist with the segments that still wait for their captions. No web server passes it on. */
export const unshownPath = "/captions/stream.m3u8";
export const mostTracks = 8;
export const leastTrail = 2;
export const mostTrail = 6;
/** So much longer than the usual trail the keeper waits for a missing file of a track that is offered. */
export const captionsWaitMs = 500;

const mostBytes = 16_384;
const mostSilentMs = 3000;

const tracksFile = z.strictObject({
  version: z.literal(1),
  pid: z.int().min(2),
  writtenMs: z.number().min(0),
  trailSegments: z.int().min(leastTrail).max(mostTrail),
  tracks: z
    .array(
      z.strictObject({
        language: z.string().regex(new RegExp(`^${languagePattern}$`)),
        // Quotes and line breaks would end the attribute.
        name: z.string().regex(/^[^"\p{Cc}]{1,100}$/u),
      }),
    )
    .max(mostTracks),
});

const fileIn = (folder: string): string => join(folder, "tracks.json");

/** Writes the file whole. Throws the system's error. */
export function writeTracks(folder: string, tracks: Omit<CaptionTracks, "pid" | "writtenMs">): void {
  const file = fileIn(folder);
  const text = JSON.stringify({ version: 1, pid: process.pid, writtenMs: monotonicMs(), ...tracks });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** The tracks while their service lives; undefined if it has ended, has been silent for 3 s, or wrote something strange. Never throws. */
export function readTracks(folder: string, nowMs = monotonicMs()): CaptionTracks | undefined {
  try {
    const { version: _, ...tracks } = tracksFile.parse(JSON.parse(readSmallFile(fileIn(folder), mostBytes)));
    const ageMs = nowMs - tracks.writtenMs;
    return ageMs >= 0 && ageMs <= mostSilentMs && isRunning(tracks.pid) ? tracks : undefined;
  } catch {
    return undefined;
  }
}
