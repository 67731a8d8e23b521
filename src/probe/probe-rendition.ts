import { setTimeout as sleep } from "node:timers/promises";
import { CliError } from "../lib/errors.ts";
import { type DecodedSegment, SegmentError } from "../media/decode-segment.ts";
import { type Arrival, judgePace, type Pace } from "../media/pace.ts";
import type { StreamNeeds } from "../media/stream-health.ts";
import { readTransportStream } from "../media/transport-stream.ts";
import { type MediaPlaylist, type MediaSegment, PlaylistError, type Variant } from "../viewer/playlist.ts";
import type { Read, Viewer } from "../viewer/viewer.ts";
import { type Notes, type RenditionCheck, renditionChecks } from "./checks.ts";
import { type Headed, headerChecks, judgeHeaders } from "./judge-headers.ts";
import { type ClockSpan, judgePicture } from "./judge-picture.ts";
import { type ExpectedRendition, judgeMeasures, type Measured, ratesOver } from "./judge-segments.ts";
import { noteHealth, passthroughChecks } from "./note-health.ts";
import { Finding } from "./probe-report.ts";

/** A rendition to look at, and the means to. */
export interface RenditionTask {
  readonly viewer: Viewer;
  readonly variant: Variant;
  readonly expected: ExpectedRendition;
  /** The picture need not be the synthetic camera's: nothing is judged by its clock. */
  readonly anyPicture: boolean;
  readonly decode: (bytes: Buffer) => Promise<DecodedSegment>;
  /** Called after each of the two segments. */
  readonly onSegment: () => void;
  /** How long a newer segment may take, whatever the segments' length. */
  readonly stallSeconds: number;
  /** How far behind this machine's clock the picture's may be. */
  readonly maxLatencySeconds: number;
  /** Told in the message when the clocks differ. */
  readonly serverClockAheadSeconds: number | undefined;
  /** What the stage asks of its camera; undefined without a seed. */
  readonly needs?: StreamNeeds | undefined;
}

/** What was measured on a rendition: what came before the first fault. Without a clock there is no latency. */
export interface RenditionMeasure {
  readonly segmentSeconds?: number;
  readonly latencySeconds?: number;
  /** Pictures per second, counted. */
  readonly framerate?: number;
  readonly videoKbps?: number;
}

interface Look extends Measured {
  readonly span: ClockSpan | undefined;
  /** When it had arrived, in ms since the epoch. */
  readonly atMs: number;
}

const patienceInSegments = 4;
const names = Object.keys(renditionChecks) as RenditionCheck[];
// Passed when the look at the segments ends without a fault; they say what they found themselves, or nothing.
const silent = ["ended", "segment", "size", "black", "clock", "frozen", "order"] as const;

/**
 * Looks at the newest segment, waits for the next one and looks at that too, and meanwhile watches how fast more come; notes every
 * check of the rendition. Throws only when this machine cannot look (no ffmpeg, aborted).
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
    const first = await look(task, newest, notes, read);
    const next = await awaitNext(task, newest, read.playlist.targetDurationSeconds);
    notes.pass("stalled");
    if (next.sequence <= newest.sequence) throw sequenceWent(newest.sequence, next.sequence);
    const paced = followPace(task, next, ended.signal);
    paced.catch(() => {});
    const second = await look(task, next, notes);
    if (first.span && second.span && second.span.firstMs <= first.span.lastMs)
      throw new Finding("order", "the clock of a newer segment is not later than that of the one before");
    judgeMeasures([first, second], task.expected, notes);
    noteHealth([first, second], task.expected, task.needs, notes);
    const latencySeconds = judgeLatency(task, second, read.playlist.targetDurationSeconds, notes);
    if (!second.span) for (const check of ["clock", "frozen"] as const) notes.skip(check, "--any-picture");
    if (task.expected.width === 0 && task.expected.height === 0) notes.skip("size", "nothing says which it should be");
    measured = { ...measured, ...ratesOver([first, second]), ...(latencySeconds !== undefined && { latencySeconds }) };
    measured = { ...measured, segmentSeconds: notePace(await paced, notes) };
    for (const check of silent) notes.pass(check);
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    notes.fail(error.check, error.message, error.remedy);
    notes.skipRest(
      names.filter((check) => task.expected.passthrough || !passthroughChecks.includes(check)),
      "another fault comes first",
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
    throw unanswered("playlist", error);
  });
  const newest = read.playlist.segments.at(-1);
  if (!newest) throw new Finding("playlist", "its playlist lists no segment");
  if (read.playlist.ended)
    throw new Finding(
      "ended",
      /\/offline[^/]*$/.test(newest.uri)
        ? "the offline clip plays and its playlist says that the stream is over (ENDLIST)"
        : "its playlist says that the stream is over (ENDLIST): players stop for good",
    );
  return { newest, read };
}

/** Fetches, decodes and judges one segment; with the playlist that lists it, headers and compression too. */
async function look(
  { viewer, decode, expected, anyPicture, onSegment }: RenditionTask,
  { uri, durationSeconds }: MediaSegment,
  notes: Notes,
  listedBy?: Read<MediaPlaylist>,
): Promise<Look> {
  const { bytes, atMs, headers } = await viewer.segment(uri).catch((error: Error) => {
    throw unanswered("segment", error);
  });
  if (listedBy) {
    noteHeaders(
      [
        { what: "playlist", headers: listedBy.headers },
        { what: "segment", headers },
      ],
      notes,
    );
    const encoding = headers["content-encoding"] ?? (await viewer.encodingOf(uri).catch(() => undefined));
    const wasteful = `its segments come compressed once more (Content-Encoding: ${encoding}): that costs time and saves nothing`;
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

/** Notes `types`, `caching` and `cors` of several answers, each once. */
export function noteHeaders(answers: readonly Headed[], notes: Notes): void {
  const judged = answers.map(judgeHeaders);
  for (const check of headerChecks) {
    const faults = judged.flatMap((verdict) => verdict[check] ?? []);
    notes.judge(check, faults.length === 0 ? undefined : faults.join("; "));
  }
}

async function awaitNext(task: RenditionTask, { uri }: MediaSegment, targetSeconds: number): Promise<MediaSegment> {
  const patienceSeconds = Math.max(task.stallSeconds, patienceInSegments * targetSeconds);
  const until = performance.now() + patienceSeconds * 1000;
  while (performance.now() < until) {
    await sleep(pollMs(targetSeconds));
    const { newest } = await readPlaylist(task);
    if (newest.uri !== uri) return newest;
  }
  throw noneWithin(patienceSeconds);
}

const pollMs = (targetSeconds: number): number => Math.min(500, targetSeconds * 100);

const noneWithin = (seconds: number) =>
  new Finding("stalled", `no new segment within ${seconds} s`, { remedy: starvedRemedy });

const sequenceWent = (from: number, to: number) =>
  new Finding("order", `its media sequence went from ${from} to ${to}`);

const starvedRemedy =
  "look whether the camera drops frames (OBS: bottom of its window); if it does not, the server's encoder is too slow: fewer or smaller renditions, fewer frames per second, or cpuUsage: lowest";

interface Followed {
  readonly pace: Pace;
  readonly targetSeconds: number;
}

/** Watches the playlist until it is clear how fast segments come, by this machine's stopwatch alone. Rejects with a Finding. */
async function followPace(task: RenditionTask, from: MediaSegment, signal: AbortSignal): Promise<Followed> {
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
      // After a gap the camera was away, and says nothing about the encoder.
      const before = fresh.some(({ discontinuity }) => discontinuity) ? [] : arrivals;
      arrivals = [...before, { seconds, atMs }];
      ({ sequence, durationSeconds } = newest);
    }
    const { targetDurationSeconds: targetSeconds } = read.playlist;
    const pace = judgePace(arrivals, atMs, durationSeconds);
    if (pace) return { pace, targetSeconds };
    const patienceSeconds = Math.max(task.stallSeconds, patienceInSegments * targetSeconds);
    if (arrivals.length === 0 && atMs - startedAt > patienceSeconds * 1000) throw noneWithin(patienceSeconds);
  }
}

/** Notes `pace`; gives the target duration that the playlist had in the end. */
function notePace({ pace, targetSeconds }: Followed, notes: Notes): number {
  const { speed, outcome, playedSeconds, withinSeconds } = pace;
  const shown = `${speed.toFixed(2)}× of live: ${playedSeconds.toFixed(1)} s of video came in ${withinSeconds.toFixed(1)} s`;
  if (outcome === "slow")
    notes.fail("pace", `video output low, ${shown}; viewers' players run dry and stop`, starvedRemedy);
  else if (outcome === "tight") notes.warn("pace", `hardly keeps up, ${shown}`, starvedRemedy);
  else notes.pass("pace", shown);
  return targetSeconds;
}

/** No answer to this one request, while the server did answer others, is a finding and not the end. */
const unanswered = (check: "playlist" | "segment", error: Error): Error =>
  error instanceof CliError
    ? new Finding(check, `its ${check} gets no answer: ${error.message}`, { cause: error })
    : error;

/** Seconds from the clock in the last picture to its arrival; undefined when it shows none. */
function judgeLatency(
  task: RenditionTask,
  { span, atMs }: Look,
  targetSeconds: number,
  notes: Notes,
): number | undefined {
  if (!span) {
    notes.skip("recent", "--any-picture: nothing shows when it was taken");
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
  return `the clock in the picture is ${difference}${server}: old pictures, or the camera's clock is wrong`;
}
