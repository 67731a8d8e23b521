import type { DeclaredRendition } from "../../../src/media/declared-renditions.ts";
import { type ClipOptions, makeClip } from "./clip.ts";
import type { TestRendition } from "./served-stage.ts";

const small = { width: 320, height: 180 };
const large = { width: 426, height: 240 };

/** The declaration of the stages for tests. Owncast gives its encoder 192 kbit/s less than the bitrate. */
export const declaredForTests: readonly DeclaredRendition[] = [
  { name: "SD", ...small, framerate: 30, bitrateKbps: 760 },
  { name: "HD", ...large, framerate: 30, bitrateKbps: 700 },
];

/** The faults of clips. */
export type FaultyClips = "old" | "black" | "pattern" | "frozen" | "silent" | "muted" | "wide";

/** Segments for stages in tests, two in a row in each list, by their fault or its absence. */
export type TestClips = Readonly<Record<"small" | "large" | FaultyClips, readonly Buffer[]>>;

/** Encodes those that are asked for, with clocks that start at `startMs`; those of `old` start an hour before. */
export async function makeTestClips(startMs: number, faulty: readonly FaultyClips[]): Promise<TestClips> {
  const running = (size: typeof small, firstMs: number, more: Partial<ClipOptions> = {}) =>
    Promise.all(
      [firstMs, firstMs + 1000].map((start) => makeClip({ ...size, bitrateKbps: 500, startMs: start, ...more })),
    );
  const still = async (shows: "black" | "pattern" | "frozen") => {
    const clip = await makeClip({ ...large, bitrateKbps: 500, shows, startMs });
    return [clip, clip];
  };
  const made = async (fault: FaultyClips, make: () => Promise<Buffer[]>) => (faulty.includes(fault) ? make() : []);
  return {
    small: await running(small, startMs),
    large: await running(large, startMs),
    old: await made("old", () => running(large, startMs - 3_600_000)),
    silent: await made("silent", () => running(large, startMs, { silent: true })),
    muted: await made("muted", () => running(large, startMs, { muted: true })),
    wide: await made("wide", () => running(large, startMs, { pixelFormat: "yuv422p" })),
    black: await made("black", () => still("black")),
    pattern: await made("pattern", () => still("pattern")),
    frozen: await made("frozen", () => still("frozen")),
  };
}

/** The declared renditions without a fault, apart from the changes. */
export const sdRendition = ({ small: segments }: TestClips): TestRendition => ({ ...small, segments });
export const hdRendition = ({ large: segments }: TestClips, changes: Partial<TestRendition> = {}): TestRendition => ({
  ...large,
  segments,
  ...changes,
});
