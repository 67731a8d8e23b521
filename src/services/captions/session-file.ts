import { join } from "node:path";
import { z } from "zod";
import { readSmallText } from "../../lib/small-file.ts";
import { writeWhole } from "../../lib/whole-file.ts";

/** A stream from its first segment to its end: one transcript. */
export interface Session {
  /** Its start in UTC, as in the transcripts' names: `20261130T084752Z`. */
  readonly id: string;
  /** When its first frame was made, in ms since the epoch. */
  readonly startedMs: number;
}

const sessionFile = z.strictObject({
  id: z.string().regex(/^\d{8}T\d{6}Z$/),
  startedMs: z.number().min(0).max(8e15),
});

const fileIn = (folder: string): string => join(folder, "session.json");

/** A session that begins now. */
export function newSession(startedMs: number): Session {
  const utc = new Date(startedMs).toISOString();
  return { id: `${utc.slice(0, 19).replaceAll(/[-:]/g, "")}Z`, startedMs };
}

/** The last session of this service; undefined if there is none, or if the file is strange. Never rejects. */
export async function readSession(folder: string): Promise<Session | undefined> {
  try {
    return sessionFile.parse(JSON.parse(await readSmallText(fileIn(folder))));
  } catch {
    return undefined;
  }
}

/** Rejects with the system's error. */
export const writeSession = (folder: string, session: Session): Promise<void> =>
  writeWhole(fileIn(folder), JSON.stringify(session));
