import { setTimeout as sleep } from "node:timers/promises";
import { CliError } from "../lib/errors.ts";
import { type DecodedSegment, SegmentError } from "../media/decode-segment.ts";
import { type Arrival, judgePace, type Pace } from "../media/pace.ts";
import type { StreamNeeds } from "../media/stream-health.ts";
import { readTransportStream } from "../media/transport-stream.ts";
import { type MediaPlaylist, type MediaSegment, PlaylistError, type Variant } from "../viewer/playlist.ts";
import { type Read, ResponseFault, type Viewer } from "../viewer/viewer.ts";
import { noteHeaders } from "./judge-headers.ts";
import { type ClockSpan, judgePicture } from "./judge-picture.ts";
import {
  type ExpectedRendition,
  judgeHealth,
  judgeMeasures,
  type Measured,
  passthroughChecks,
  ratesOver,
} from "./judge-segments.ts";
import { Finding, type Notes, type RenditionCheck, type RenditionReport, renditionChecks } from "./probe-report.ts";

/** A rendition to check. */
export interface RenditionTask {
  readonly viewer: Viewer;
  readonly variant: Variant;
  readonly expected: ExpectedRendition;
  /** The camera need not be `lectern publish`: nothing is judged by the clock. */
  readonly anyPicture: boolean;
  readonly decode: (bytes: Buffer) => Promise<DecodedSegment>;
  /** Called after each of the two decoded segments. */
  readonly onSegment: () => void;
  /** The shortest time limit for a newer segment. */
  readonly stallSeconds: number;
  /** The allowed delay of the clock in the frames behind this machine's. */
  readonly maxLatencySeconds: number;
  /** For the message if the clocks differ. */
  readonly serverClockAheadSeconds: number | undefined;
  /** The format that the stage needs from its camera; undefined without a seed. */
  readonly needs?: StreamNeeds | undefined;
}

/** The measurements before the first fault. Without a clock there is no latency. */
export type RenditionMeasure = Pick<RenditionReport, "segmentSeconds" | "latencySeconds" | "framerate" | "videoKbps">;

interface DecodedLook extends Measured {
  readonly span: ClockSpan | undefined;
  /** When it arrived, in ms since the epoch. */
  readonly atMs: number;
}

const timeoutInSegments = 4;
const names = Object.keys(renditionChecks) as RenditionCheck[];
// Without a fault, these have passed and have no detail to report.
const withoutDetail = ["ended", "segment", "size", "black", "clock", "frozen", "order"] as const;

/**
 * Makes every check of a rendition: decodes the newest segment and the one after it, and measures how fast more arrive meanwhile.
 * Throws only if this machine cannot do that (no ffmpeg, aborted).
 */
export async function probeRendition(task: RenditionTask, notes: Notes): Promise<RenditionMeasure> {
  const { undeclared } = task.expected;
  if (undeclared === undefined) notes.pass("missing");
  else notes.skip("missing", undeclared);
  let measured: RenditionMeasure = {};
  const ended = new AbortController();
  try {
    const { newest, read } = await readPlaylist(task);
    measured = { segmentSeconds: read.playlist.targetDurationSeconds };
    notes.pass("playlist", `${read.playlist.segments.length} segments`);
    const first = await checkSegment(task, newest, notes, read);
    const next = await awaitNext(task, newest, read.playlist.targetDurationSeconds);
    notes.pass("stalled");
    if (next.sequence <= newest.sequence) throw sequenceWent(newest.sequence, next.sequence);
    const paced = watchPace(task, next, ended.signal);
    paced.catch(() => {});
    const second = await checkSegment(task, next, notes);
    if (first.span && second.span && second.span.firstMs <= first.span.lastMs)
      throw new Finding("order", "the clock of a newer segment is not later than the clock of the segment before");
    judgeMeasures([first, second], task.expected, notes);
    judgeHealth([first, second], task.expected, task.needs, notes);
    const latencySeconds = judgeLatency(task, second, read.playlist.targetDurationSeconds, notes);
    if (!second.span) for (const check of ["clock", "frozen"] as const) notes.skip(check, "--any-picture");
    if (task.expected.width === 0 && task.expected.height === 0) notes.skip("size", "no size is declared");
    measured = { ...measured, ...ratesOver([first, second]), ...(latencySeconds !== undefined && { latencySeconds }) };
    measured = { ...measured, segmentSeconds: notePace(await paced, notes) };
    for (const check of withoutDetail) notes.pass(check);
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    notes.fail(error.check, error.message, error.remedy);
    notes.skipRest(
      names.filter((check) => task.expected.passthrough || !passthroughChecks.includes(check)),
      "another fault came first",
    );
  } finally {
    ended.abort();
  }
  return measured;
}

async function readPlaylist({
  viewer,
  variant,
}: RenditionTask): Promise<{ newest: MediaSegment; read: Read<MediaPlaylist> }> {
  const read = await viewer.media(variant).catch((error: Error) => {
    if (error instanceof PlaylistError) throw new Finding("playlist", `its playlist cannot be used: ${error.message}`);
    throw findingOf("playlist", error);
  });
  const newest = read.playlist.segments.at(-1);
  if (!newest) throw new Finding("playlist", "its playlist lists no segment");
  if (read.playlist.ended)
    throw new Finding(
      "ended",
      /\/offline[^/]*$/.test(newest.uri)
        ? "the offline clip plays, and its playlist says that the stream is over (ENDLIST)"
        : "its playlist says that the stream is over (ENDLIST): players stop for good",
    );
  return { newest, read };
}

/** Fetches, decodes and judges one segment; given the playlist that lists it, also the headers of both. */
async function checkSegment(
  { viewer, decode, expected, anyPicture, onSegment }: RenditionTask,
  { uri, durationSeconds }: MediaSegment,
  notes: Notes,
  listedBy?: Read<MediaPlaylist>,
): Promise<DecodedLook> {
  const { bytes, atMs, headers, pageOrigin } = await viewer.segment(uri).catch((error: Error) => {
    throw findingOf("segment", error);
  });
  if (listedBy) {
    noteHeaders(
      [
        { what: "playlist", headers: listedBy.headers, pageOrigin: listedBy.pageOrigin },
        { what: "segment", headers, pageOrigin },
      ],
      notes,
    );
    const encoding = headers["content-encoding"] ?? (await viewer.encodingOf(uri).catch(() => undefined));
    const wasteful = `the server compresses segments (Content-Encoding: ${encoding}), which costs time and saves nothing`;
    notes.judge("compressed", encoding === undefined ? undefined : wasteful);
  }
  const decoded = await decode(bytes).catch((error: Error) => {
    if (error instanceof SegmentError)
      throw new Finding("segment", `its newest segment does not decode: ${error.message}`);
    throw error;
  });
  const span = judgePicture(decoded, { ...expected, anyPicture }, durationSeconds);
  onSegment();
  return { span, atMs, decoded, durationSeconds, contents: readTransportStream(bytes) };
}

async function awaitNext(task: RenditionTask, { uri }: MediaSegment, targetSeconds: number): Promise<MediaSegment> {
  const timeoutSeconds = Math.max(task.stallSeconds, timeoutInSegments * targetSeconds);
  const until = performance.now() + timeoutSeconds * 1000;
  while (performance.now() < until) {
    await sleep(pollMs(targetSeconds));
    const { newest } = await readPlaylist(task);
    if (newest.uri !== uri) return newest;
  }
  throw noneWithin(timeoutSeconds);
}

const pollMs = (targetSeconds: number): number => Math.min(500, targetSeconds * 100);

const noneWithin = (seconds: number) =>
  new Finding("stalled", `no new segment within ${seconds} s`, { remedy: starvedRemedy });

const sequenceWent = (from: number, to: number) =>
  new Finding("order", `its media sequence went from ${from} to ${to}`);

const starvedRemedy =
  "check whether the camera drops frames (OBS shows it at the bottom of its window); if it does not, the server's encoder is too slow: declare fewer or smaller renditions, a lower frame rate, or cpuUsage: lowest";

interface Watched {
  readonly pace: Pace;
  readonly targetSeconds: number;
}

/** Polls the playlist until it is clear how fast segments arrive, by this machine's monotonic clock alone. Rejects with a Finding. */
async function watchPace(task: RenditionTask, from: MediaSegment, signal: AbortSignal): Promise<Watched> {
  const startedAt = performance.now();
  let arrivals: readonly Arrival[] = [];
  let { sequence, durationSeconds } = from;
  for (;;) {
    await sleep(pollMs(durationSeconds), undefined, { signal });
    const { newest, read } = await readPlaylist(task);
    const atMs = performance.now();
    if (newest.sequence < sequence) throw sequenceWent(sequence, newest.sequence);
    const fresh = read.playlist.segments.filter((segment) => segment.sequence > sequence);
    if (fresh.length > 0) {
      const seconds = fresh.reduce((sum, segment) => sum + segment.durationSeconds, 0);
      // At a discontinuity the camera was away: the gap says nothing about the encoder.
      const before = fresh.some(({ discontinuity }) => discontinuity) ? [] : arrivals;
      arrivals = [...before, { seconds, atMs }];
      ({ sequence, durationSeconds } = newest);
    }
    const { targetDurationSeconds: targetSeconds } = read.playlist;
    const pace = judgePace(arrivals, atMs, durationSeconds);
    if (pace) return { pace, targetSeconds };
    const timeoutSeconds = Math.max(task.stallSeconds, timeoutInSegments * targetSeconds);
    if (arrivals.length === 0 && atMs - startedAt > timeoutSeconds * 1000) throw noneWithin(timeoutSeconds);
  }
}

/** Notes `pace`. Returns the playlist's last target duration. */
function notePace({ pace, targetSeconds }: Watched, notes: Notes): number {
  const { speed, outcome, playedSeconds, withinSeconds } = pace;
  const shown = `${speed.toFixed(2)}× of live: ${playedSeconds.toFixed(1)} s of video arrived in ${withinSeconds.toFixed(1)} s`;
  if (outcome === "slow")
    notes.fail("pace", `segments arrive too slowly, ${shown}: players run out of segments and stop`, starvedRemedy);
  else if (outcome === "tight") notes.warn("pace", `hardly keeps up, ${shown}`, starvedRemedy);
  else notes.pass("pace", shown);
  return targetSeconds;
}

/** A request that fails while others succeed is a finding, and does not end the probe. */
function findingOf(check: "playlist" | "segment", error: Error): Error {
  if (error instanceof ResponseFault) return new Finding(check, error.message, { cause: error });
  if (!(error instanceof CliError)) return error;
  return new Finding(check, `its ${check} gets no answer: ${error.message}`, { cause: error });
}

/** Seconds from the clock in the last frame to its arrival; undefined without a clock. */
function judgeLatency(
  task: RenditionTask,
  { span, atMs }: DecodedLook,
  targetSeconds: number,
  notes: Notes,
): number | undefined {
  if (!span) {
    notes.skip("recent", "--any-picture: no clock shows when a frame was taken");
    return undefined;
  }
  const latencySeconds = (atMs - span.lastMs) / 1000;
  const isRecent = Math.abs(latencySeconds) < task.maxLatencySeconds;
  notes.judge(
    "recent",
    isRecent ? undefined : notRecent(latencySeconds, task.serverClockAheadSeconds),
    `${latencySeconds.toFixed(1)} s (usual: up to ${3 * targetSeconds})`,
  );
  return isRecent ? latencySeconds : undefined;
}

function notRecent(latencySeconds: number, serverClockAheadSeconds: number | undefined): string {
  const difference = `${Math.abs(latencySeconds).toFixed(0)} s ${latencySeconds > 0 ? "behind" : "ahead of"} this machine's clock`;
  const server =
    serverClockAheadSeconds === undefined
      ? ""
      : ` (the server's differs from it by ${serverClockAheadSeconds.toFixed(1)} s)`;
  return `the clock in the frames is ${difference}${server}: the frames are old, or the camera's clock is wrong`;
}
