import { constants } from "node:fs";
import { lstat, open, opendir } from "node:fs/promises";
import { join } from "node:path";
import { languagePattern } from "./captions-tracks.ts";
import { codeOf } from "./error-cause.ts";

/** The files of a transcript, which say the same: WebVTT, SubRip, plain text. */
export const transcriptFormats = ["vtt", "srt", "txt"] as const;
export type TranscriptFormat = (typeof transcriptFormats)[number];

/** A session's transcript in one language. */
export interface Transcript {
  /** When the session began, in UTC: `20261130T084752Z`. */
  readonly session: string;
  readonly language: string;
  /** The session's start, as ISO 8601. */
  readonly startedAt: string;
  /** Size of its WebVTT. */
  readonly bytes: number;
}

/** The largest transcript: weeks of speech. */
export const mostTranscriptBytes = 64 * 1024 * 1024;
const mostNames = 20_000;

const name = new RegExp(String.raw`^(?<session>\d{8}T\d{6}Z)-(?<language>${languagePattern})\.(?<format>vtt|srt|txt)$`);

/** A transcript's file name. Throws if the session or the language is not one: nothing else becomes a part of a path. */
export function transcriptFileName(session: string, language: string, format: TranscriptFormat): string {
  const file = `${session}-${language}.${format}`;
  if (!name.test(file)) throw new Error(`${JSON.stringify(file.slice(0, 100))} is no name of a transcript`);
  return file;
}

/**
 * The transcripts in a folder: the newest session first, its languages in order. Other names, links and folders are passed over; of
 * more than 20,000 names the rest is not looked at. An absent folder has none. Rejects with the system's error.
 */
export async function listTranscripts(folder: string): Promise<Transcript[]> {
  const found: Transcript[] = [];
  for (const file of await namesIn(folder)) {
    const { session, language, format } = name.exec(file)?.groups ?? {};
    if (session === undefined || language === undefined || format !== "vtt") continue;
    const startedAt = startOf(session);
    const status = await lstat(join(folder, file)).catch(() => undefined);
    if (startedAt !== undefined && status?.isFile()) found.push({ session, language, startedAt, bytes: status.size });
  }
  return found.sort((one, other) => compare(other.session, one.session) || compare(one.language, other.language));
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(folder)) if (names.push(name) >= mostNames) break;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  return names;
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function startOf(session: string): string | undefined {
  const iso = session.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const time = Date.parse(iso);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/**
 * A transcript's file, at most 64 MiB of it. Follows no link and reads no device or pipe. Rejects with the system's error, with code
 * ENOENT also if it is not a file.
 */
export async function readTranscriptFile(
  folder: string,
  { session, language }: Pick<Transcript, "session" | "language">,
  format: TranscriptFormat,
): Promise<Buffer> {
  const file = join(folder, transcriptFileName(session, language, format));
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw Object.assign(new Error(`${file} is not a file`), { code: "ENOENT" });
    const bytes = Buffer.alloc(Math.min(status.size, mostTranscriptBytes));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}
