import { isSegmentFile, readSegmentName } from "../../media/segment-name.ts";

/** One segment as Owncast lists it. */
export interface ListedSegment {
  /** File name, relative to the playlist. */
  readonly uri: string;
  readonly durationSeconds: number;
  /** The lines before its name, EXTINF and date, unchanged. */
  readonly tags: readonly string[];
  /** The publisher's connection that it comes from; undefined for the offline clip. */
  readonly session: string | undefined;
}

/** Owncast's playlist of one variant. */
export interface OwncastPlaylist {
  /** Of the first segment. Owncast counts from 0 again in each session. */
  readonly mediaSequence: number;
  readonly segments: readonly ListedSegment[];
  /** ENDLIST: Owncast ends the playlist at once, at any loss of the publisher. */
  readonly ended: boolean;
}

// Far more than Owncast writes. Without bounds, a strange file could fill memory, state and responses.
export const mostPlaylistBytes = 256 * 1024;
export const mostSegments = 200;
export const mostTags = 4;
export const mostVariants = 100;
/** Of a segment or a target duration, in seconds. */
export const longestSeconds = 3600;

const known = /^#EXT(?:-X-VERSION:\d+|-X-PLAYLIST-TYPE:EVENT|-X-INDEPENDENT-SEGMENTS|-X-DISCONTINUITY)$/;

/**
 * Reads a variant's playlist strictly, as Owncast 0.2 writes it. Undefined if it is empty, cut off, mixed from two versions or
 * otherwise strange: Owncast writes in place, so a reader may see any of these.
 */
export function parseOwncastPlaylist(text: string): OwncastPlaylist | undefined {
  if (!text.startsWith("#EXTM3U\n") || !text.endsWith("\n")) return undefined;
  let targetDurationSeconds = 0;
  let mediaSequence: number | undefined;
  let ended = false;
  let tags: string[] = [];
  let durationSeconds: number | undefined;
  const segments: ListedSegment[] = [];
  for (const line of text.split("\n").slice(1, -1)) {
    if (ended && line !== "") return undefined;
    if (line === "" || known.test(line)) continue;
    const [tag = "", value = ""] = splitTag(line);
    if (tag === "#EXT-X-TARGETDURATION" && isWhole(value) && Number(value) <= longestSeconds)
      targetDurationSeconds = Number(value);
    else if (tag === "#EXT-X-MEDIA-SEQUENCE" && isWhole(value)) mediaSequence = Number(value);
    else if (line === "#EXT-X-ENDLIST") ended = true;
    else if (isSegmentTag(line)) {
      if (tag === "#EXTINF") durationSeconds = Number.parseFloat(value);
      tags.push(line);
    } else if (isSegmentFile(line) && durationSeconds !== undefined) {
      segments.push({ uri: line, durationSeconds, tags, session: readSegmentName(line)?.session });
      tags = [];
      durationSeconds = undefined;
    } else return undefined;
  }
  if (segments.length > mostSegments || segments.some((segment) => segment.tags.length > mostTags)) return undefined;
  if (tags.length > 0 || segments.length === 0 || targetDurationSeconds === 0 || mediaSequence === undefined)
    return undefined;
  return oneSession(segments) ? { mediaSequence, segments, ended } : undefined;
}

/** The number of variants in a whole master playlist; undefined if it is torn, or names more than `mostVariants`. */
export function countVariants(master: string): number | undefined {
  if (!master.startsWith("#EXTM3U\n") || !master.endsWith("\n")) return undefined;
  const lines = master.split("\n").filter((line) => line !== "");
  const count = lines.filter((line) => line.startsWith("#EXT-X-STREAM-INF:")).length;
  const named = lines.filter((line) => !line.startsWith("#")).length;
  return count > 0 && count <= mostVariants && count === named ? count : undefined;
}

const splitTag = (line: string): [string, string] => {
  const colon = line.indexOf(":");
  return colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1)];
};

const isWhole = (text: string): boolean => /^\d{1,15}$/.test(text);

/** Whether a line describes the next segment: its duration, or its date. */
export const isSegmentTag = (line: string): boolean => {
  const [, seconds] = /^#EXTINF:(\d{1,9}(?:\.\d{1,9})?),$/.exec(line) ?? [];
  if (seconds !== undefined) return Number(seconds) <= longestSeconds;
  return /^#EXT-X-PROGRAM-DATE-TIME:[\x20-\x7e]{1,100}$/.test(line);
};

/** Whether all segments are of the same session, except for an offline clip at the end. */
function oneSession(segments: readonly ListedSegment[]): boolean {
  const first = segments[0]?.session;
  const change = segments.findIndex(({ session }) => session !== first);
  return change < 0 || (first !== undefined && segments.slice(change).every(({ session }) => session === undefined));
}
