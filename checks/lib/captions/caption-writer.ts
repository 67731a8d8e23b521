import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type CaptionTrack, leastTrail, unshownPath, writeTracks } from "../../../src/lib/captions-tracks.ts";
import { decodeSegment } from "../../../src/media/decode-segment.ts";
import { readCodedSound } from "../../../src/media/transport-stream.ts";
import { vttTime } from "../../../src/services/captions/vtt.ts";
import { parseMedia } from "../../../src/viewer/playlist.ts";

/** A track whose cues a test makes up. */
export interface WrittenTrack extends CaptionTrack {
  /** The cue of a segment; `mark` is the same as in `CaptionedSegment`. */
  text(mark: string): string;
}

/** A segment that has captions, and the first and last time that the clock in its frames shows. */
export interface CaptionedSegment {
  /** Four digits: no two segments of a test have the same. */
  readonly mark: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Writes captions in place of the service, so that a test knows which cue belongs to which frames. */
export interface CaptionWriter {
  readonly segments: readonly CaptionedSegment[];
  /** Writes nothing more, like a service that hangs. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export interface CaptionWriterOptions {
  /** The keeper's address, as `http://…`. */
  readonly keeper: string;
  /** The folders that hold segments, by the keeper and by Owncast. */
  readonly folders: readonly string[];
  readonly captionsDir: string;
  readonly tracks: readonly WrittenTrack[];
}

// As late as the service may be: the segment after the next one is not listed yet.
const writtenAfterDurations = 1.7;
const lookEveryMs = 100;
const tellEveryMs = 500;

/** Follows the keeper's playlist, and writes one cue for each segment, from its first frame to its last. */
export function startCaptionWriter({ keeper, folders, captionsDir, tracks }: CaptionWriterOptions): CaptionWriter {
  const segments: CaptionedSegment[] = [];
  const known = new Set<string>();
  const jobs: Promise<void>[] = [];
  let isPaused = false;
  let isStopped = false;
  for (const { language } of tracks) mkdirSync(join(captionsDir, language), { recursive: true });
  const tell = () => {
    const named = tracks.map(({ language, name }) => ({ language, name }));
    if (!isPaused) writeTracks(captionsDir, { trailSegments: leastTrail, tracks: named });
  };
  const caption = async (uri: string, durationSeconds: number): Promise<void> => {
    const listedAtMs = Date.now();
    const bytes = segmentIn(folders, uri);
    if (!bytes) return;
    const clocks = (await decodeSegment(bytes)).clocksMs.filter((clock) => clock !== undefined);
    const [fromMs, untilMs] = [clocks[0], clocks.at(-1)];
    const pts = readCodedSound(bytes).videoPts;
    if (fromMs === undefined || untilMs === undefined || pts === undefined) return;
    await sleep(listedAtMs + writtenAfterDurations * durationSeconds * 1000 - Date.now());
    if (isPaused || isStopped) return;
    const mark = `${1000 + segments.length}`;
    const name = uri.replace(/^.*\//, "").replace(/\.ts$/, ".vtt");
    for (const { language, text } of tracks) {
      const file = join(captionsDir, language, name);
      const head = `WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:${pts},LOCAL:00:00:00.000\n\n`;
      writeFileSync(`${file}.new`, `${head}${vttTime(0)} --> ${vttTime(durationSeconds)}\n${text(mark)}\n`);
      renameSync(`${file}.new`, file);
    }
    segments.push({ mark, fromMs, untilMs });
  };
  const look = async (): Promise<void> => {
    const response = await fetch(`${keeper}${unshownPath}`).catch(() => undefined);
    if (response?.status !== 200) return;
    for (const { uri, durationSeconds } of parseMedia(await response.text()).segments) {
      if (known.has(uri)) continue;
      known.add(uri);
      // An offline clip has no clock.
      jobs.push(caption(uri, durationSeconds).catch(() => {}));
    }
  };
  const running = (async () => {
    for (; !isStopped; await sleep(lookEveryMs)) if (!isPaused) await look();
  })();
  running.catch(() => {});
  tell();
  const telling = setInterval(tell, tellEveryMs);
  return {
    segments,
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      tell();
    },
    async stop() {
      isStopped = true;
      clearInterval(telling);
      await running;
      await Promise.all(jobs);
    },
  };
}

function segmentIn(folders: readonly string[], uri: string): Buffer | undefined {
  const [, variant = "0"] = /^\.\.\/(\d+)\//.exec(uri) ?? [];
  for (const folder of folders)
    try {
      return readFileSync(join(folder, variant, uri.replace(/^.*\//, "")));
    } catch {}
  return undefined;
}
