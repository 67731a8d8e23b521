import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../../../src/lib/programs.ts";
import { FlvReader, type FlvTag } from "../../../src/media/flv.ts";
import { type Ingest, openIngest } from "../../../src/media/rtmp/rtmp-ingest.ts";
import type { RtmpTarget } from "../../../src/media/rtmp/rtmp-target.ts";

/** Encodes a few seconds once: a camera that plays them starts at once. */
export async function recordStream(seconds = 5): Promise<FlvTag[]> {
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=48000"];
  const encoding = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-c:a", "aac"];
  const command = ["-hide_banner", "-loglevel", "error", ...picture, "-t", `${seconds}`, ...encoding];
  const ffmpeg = spawn(findProgram("ffmpeg"), [...command, "-f", "flv", "pipe:1"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new FlvReader().push(await buffer(ffmpeg.stdout));
}

/** A camera that plays a recording. */
export interface PlayingCamera {
  /** Resolves when it has sent all; rejects if it loses the connection. */
  readonly played: Promise<void>;
  /** Ends the stream properly. */
  end(): Promise<void>;
}

/** Connects, and plays at a camera's speed. Rejects if the server refuses it. */
export async function playTo(target: RtmpTarget, streamKey: string, tags: readonly FlvTag[]): Promise<PlayingCamera> {
  const signal = new AbortController().signal;
  const ingest = await openIngest({ target, streamKey, timeoutSeconds: 20, signal });
  let isOver = false;
  const played = play(ingest, tags, () => isOver);
  played.catch(() => {});
  return {
    played,
    async end() {
      isOver = true;
      await ingest.end();
    },
  };
}

async function play(ingest: Ingest, tags: readonly FlvTag[], isOver: () => boolean): Promise<void> {
  const started = performance.now();
  for (const tag of tags) {
    const early = tag.timestampMs - (performance.now() - started);
    if (early > 1) await Promise.race([sleep(early), ingest.lost]);
    if (isOver()) return;
    await ingest.send(tag);
  }
}
