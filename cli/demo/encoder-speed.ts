import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A segment on disk: how much it plays, and when the encoder had finished it (ms since the epoch). */
export interface Finished {
  readonly seconds: number;
  readonly atMs: number;
}

/**
 * Seconds of video encoded per second of time, from segments in order: 1.0 keeps up with a live camera, less falls behind.
 * Undefined with fewer than four segments, which say too little.
 */
export function encoderSpeed(segments: readonly Finished[]): number | undefined {
  const [first, ...later] = segments;
  const last = later.at(-1);
  if (!first || !last || later.length < 3) return undefined;
  const playedSeconds = later.reduce((sum, { seconds }) => sum + seconds, 0);
  return (playedSeconds * 1000) / (last.atMs - first.atMs);
}

/** The finished segments that a variant's playlist on disk lists; none while the file is being rewritten. */
export async function finishedSegments(variantDir: string): Promise<Finished[]> {
  const text = await readFile(join(variantDir, "stream.m3u8"), "utf8").catch(() => "");
  const entries = [...text.matchAll(/^#EXTINF:([\d.]+),?.*\n(?:#.*\n)*(\S+\.ts)$/gm)];
  const segments = await Promise.all(
    entries.map(async ([, seconds, uri = ""]): Promise<Finished[]> => {
      const file = await stat(join(variantDir, uri.split("/").at(-1) ?? "")).catch(() => undefined);
      return file ? [{ seconds: Number(seconds), atMs: file.mtimeMs }] : [];
    }),
  );
  return segments.flat();
}

const patienceMs = 60_000;
// Nobody encodes faster than live for long: above this, the encoder is still catching up on what came before it started.
const caughtUp = 1.03;

/** Watches the first variant's segments until the encoder has caught up; undefined when 60 s do not suffice to tell. */
export async function measureEncoder(hlsDir: string): Promise<number | undefined> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const speed = encoderSpeed((await finishedSegments(join(hlsDir, "0"))).slice(-4));
    if ((speed !== undefined && speed <= caughtUp) || performance.now() > until) return speed;
    await sleep(250);
  }
}
