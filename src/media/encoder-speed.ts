import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Arrival, slowBelow, speedOf } from "./pace.ts";

/**
 * Seconds of video encoded per second of time, from segments in order: 1.0 keeps up with a live camera, less falls behind.
 * Undefined with fewer than four segments, which say too little.
 */
export const encoderSpeed = (segments: readonly Arrival[]): number | undefined =>
  segments.length < 4 ? undefined : speedOf(segments);

/** Whether an encoder is permanently slower than a live camera, judged by the value that people see: two digits after the point. */
export const isTooSlow = (speed: number | null | undefined): boolean =>
  typeof speed === "number" && Number(speed.toFixed(2)) < slowBelow;

/** The segments that a variant's playlist on disk lists, each with when the encoder had finished it; none while the file is being rewritten. */
export async function finishedSegments(variantDir: string): Promise<Arrival[]> {
  const text = await readFile(join(variantDir, "stream.m3u8"), "utf8").catch(() => "");
  const entries = [...text.matchAll(/^#EXTINF:([\d.]+),?.*\n(?:#.*\n)*(\S+\.ts)$/gm)];
  const segments = await Promise.all(
    entries.map(async ([, seconds, uri = ""]): Promise<Arrival[]> => {
      const file = await stat(join(variantDir, uri.split("/").at(-1) ?? "")).catch(() => undefined);
      return file ? [{ seconds: Number(seconds), atMs: file.mtimeMs }] : [];
    }),
  );
  return segments.flat();
}

const patienceMs = 60_000;
const slowAfterMs = 15_000;
// Nobody encodes faster than live for long: above this, the encoder is still catching up on what came before it started.
const caughtUp = 1.03;

/**
 * Watches the first variant's segments until the encoder has caught up; undefined when 60 s do not suffice to tell. That it is
 * slow is said only after 15 s, of all segments since: a machine may be busy for a moment.
 */
export async function measureEncoder(hlsDir: string): Promise<number | undefined> {
  const started = performance.now();
  for (;;) {
    const finished = await finishedSegments(join(hlsDir, "0"));
    const speed = encoderSpeed(finished.slice(-4));
    const waitedMs = performance.now() - started;
    const isSteady = speed !== undefined && !isTooSlow(speed) && speed <= caughtUp;
    if (isSteady || waitedMs > patienceMs) return speed;
    if (isTooSlow(speed) && waitedMs > slowAfterMs) return encoderSpeed(finished.slice(-8));
    await sleep(250);
  }
}
