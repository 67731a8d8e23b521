import { setTimeout as sleep } from "node:timers/promises";
import { CliError } from "../errors.ts";
import { type ClockSpan, judgePicture } from "./judge-picture.ts";
import { type MediaPlaylist, type MediaSegment, PlaylistError, type Variant } from "./playlist.ts";
import { Finding } from "./probe-report.ts";
import { type DecodedSegment, SegmentError } from "./segment.ts";
import type { Viewer } from "./viewer.ts";

/** A rendition to look at, and the means to. */
export interface RenditionTask {
  readonly viewer: Viewer;
  readonly variant: Variant;
  /** In pixels; 0 when nothing is expected. */
  readonly expected: { readonly width: number; readonly height: number };
  readonly decode: (bytes: Buffer) => Promise<DecodedSegment>;
  /** Called after each of the two segments. */
  readonly onSegment: () => void;
  /** How long a newer segment may take, whatever the segments' length. */
  readonly stallSeconds: number;
  /** Told in the message when the clocks differ. */
  readonly serverClockAheadSeconds: number | undefined;
}

/** What was measured on a rendition without fault. */
export interface RenditionMeasure {
  readonly latencySeconds: number;
  /** Pictures per second, counted. */
  readonly framerate: number;
}

/** Older, or further ahead, is not what a viewer should see now. */
export const recentSeconds = 60;

const patienceInSegments = 4;

/**
 * Looks at the newest segment, waits for the next one and looks at that too. Throws Finding for the first thing that is wrong;
 * other errors only when this machine cannot look (no ffmpeg, aborted).
 */
export async function probeRendition(task: RenditionTask): Promise<RenditionMeasure> {
  const { newest, playlist } = await readPlaylist(task);
  const first = await look(task, newest);
  const next = await awaitNext(task, newest, playlist.targetDurationSeconds);
  if (next.sequence <= newest.sequence)
    throw new Finding("order", `its media sequence went from ${newest.sequence} to ${next.sequence}`);
  const second = await look(task, next);
  if (second.span.firstMs <= first.span.lastMs)
    throw new Finding("order", "the clock of a newer segment is not later than that of the one before");
  const latencySeconds = (second.atMs - second.span.lastMs) / 1000;
  if (Math.abs(latencySeconds) >= recentSeconds)
    throw new Finding("recent", notRecent(latencySeconds, task.serverClockAheadSeconds));
  return { latencySeconds, framerate: second.framerate };
}

async function readPlaylist({
  viewer,
  variant,
}: RenditionTask): Promise<{ newest: MediaSegment; playlist: MediaPlaylist }> {
  const playlist = await viewer.media(variant).catch((error: Error) => {
    if (error instanceof PlaylistError) throw new Finding("playlist", `its playlist cannot be used: ${error.message}`);
    throw unanswered("playlist", error);
  });
  const newest = playlist.segments.at(-1);
  if (!newest) throw new Finding("playlist", "its playlist lists no segment");
  if (playlist.ended)
    throw new Finding(
      "ended",
      /\/offline[^/]*$/.test(newest.uri)
        ? "the offline clip plays and its playlist says that the stream is over (ENDLIST)"
        : "its playlist says that the stream is over (ENDLIST): players stop for good",
    );
  return { newest, playlist };
}

/** Fetches, decodes and judges one segment. */
async function look(
  { viewer, decode, expected, onSegment }: RenditionTask,
  { uri, durationSeconds }: MediaSegment,
): Promise<{ span: ClockSpan; atMs: number; framerate: number }> {
  const { bytes, atMs } = await viewer.segment(uri).catch((error: Error) => {
    throw unanswered("segment", error);
  });
  const decoded = await decode(bytes).catch((error: Error) => {
    if (error instanceof SegmentError)
      throw new Finding("segment", `its newest segment does not decode: ${error.message}`);
    throw error;
  });
  const span = judgePicture(decoded, expected, durationSeconds);
  onSegment();
  return { span, atMs, framerate: Math.round(decoded.clocksMs.length / durationSeconds) };
}

async function awaitNext(task: RenditionTask, { uri }: MediaSegment, targetSeconds: number): Promise<MediaSegment> {
  const patienceSeconds = Math.max(task.stallSeconds, patienceInSegments * targetSeconds);
  const until = performance.now() + patienceSeconds * 1000;
  while (performance.now() < until) {
    await sleep(Math.min(500, targetSeconds * 100));
    const { newest } = await readPlaylist(task);
    if (newest.uri !== uri) return newest;
  }
  throw new Finding("stalled", `no new segment within ${patienceSeconds} s`);
}

/** No answer to this one request, while the server did answer others, is a finding and not the end. */
const unanswered = (check: "playlist" | "segment", error: Error): Error =>
  error instanceof CliError
    ? new Finding(check, `its ${check} gets no answer: ${error.message}`, { cause: error })
    : error;

function notRecent(latencySeconds: number, serverClockAheadSeconds: number | undefined): string {
  const difference = `${Math.abs(latencySeconds).toFixed(0)} s ${latencySeconds > 0 ? "behind" : "ahead of"} this machine's clock`;
  const server =
    serverClockAheadSeconds === undefined
      ? ""
      : ` (the server's differs from it by ${serverClockAheadSeconds.toFixed(1)} s)`;
  return `the clock in the picture is ${difference}${server}: old pictures, or the camera's clock is wrong`;
}
