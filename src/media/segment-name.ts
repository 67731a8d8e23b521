/** A segment's file name as Owncast writes it, as a regular expression. The rules of a stage's site repeat it; a test compares the two. */
export const segmentNamePattern = String.raw`stream-[A-Za-z0-9_-]+-\d+\.ts`;

const inAddress = /(?:^|\/)stream-([A-Za-z0-9_-]+)-(\d+)\.ts$/;

/** A segment as its name tells it. */
export interface SegmentName {
  /** The publisher's connection that it comes from: Owncast draws a random id for each. */
  readonly session: string;
  /** Its number in the session, from 0 on. */
  readonly number: number;
}

/** Reads a segment's name, or an address that ends with one. Undefined for the offline clip, which no publisher sent, and for all else. */
export function readSegmentName(address: string): SegmentName | undefined {
  const [, session, number] = inAddress.exec(address) ?? [];
  return session === undefined || session === "offline" ? undefined : { session, number: Number(number) };
}

/** Whether a playlist's line names a file beside the playlist: a segment, or the offline clip. Never a way out of the folder. */
export const isSegmentFile = (line: string): boolean => /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,250}\.ts$/.test(line);
