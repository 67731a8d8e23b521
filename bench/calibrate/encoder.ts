import { join } from "node:path";
import { levelIndex, levels } from "../../codegen/schema/owncast/ladder.ts";
import { findProgram } from "../../src/lib/programs.ts";
import { usualBitrateKbps } from "../../src/media/camera-needs.ts";
import { cameraEncoding } from "../../src/publish/encoder.ts";
import type { Costs } from "../../src/rehearse/costs.ts";
import { runCommand } from "../../tools/process/run-command.mjs";

type Level = (typeof levels)[number];
type Size = { readonly width: number; readonly height: number };

const film = { width: 1280, height: 720, fps: 30, seconds: 8 } as const;
const small = { width: 426, height: 240 } as const;
// Owncast 0.2.5's presets by effort.
const presets = ["ultrafast", "superfast", "veryfast", "faster", "fast"] as const;

/**
 * Encodes a film of the camera's pattern as Owncast does, at each effort, alone and at the camera's speed: between two frames the
 * encoder sleeps, and its caches get cold.
 */
export async function measureEncoder(
  folder: string,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<Costs["encoder"]> {
  const file = join(folder, "camera.flv");
  const run = (...args: string[]) => processorSeconds(args, signal);
  await run(...source(), ...cameraEncoding({ fps: film.fps, bitrateKbps: bitrateOf(film) }), "-f", "flv", file);
  // The first run also reads ffmpeg and the film from the disk.
  await run("-i", file, "-map", "v:0", "-f", "null", "-");
  const decoding = await run("-re", "-i", file, "-map", "v:0", "-f", "null", "-");
  const sound = await run(
    ...["-re", "-i", file, "-map", "a:0", "-c:a", "aac", "-b:a", "128k", "-f", "mpegts", "-y", "/dev/null"],
  );
  const encoding = async (size: Size, level: Level): Promise<number> =>
    ((await run("-re", "-i", file, ...owncastsOptions(size, level), "-f", "mpegts", "-y", "/dev/null")) - decoding) /
    film.seconds;
  const measured: Partial<Costs["encoder"]["levels"]> = {};
  for (const level of levels) {
    note(level);
    const [little, much] = [await encoding(small, level), await encoding(film, level)];
    const perMegapixel = Math.max(0, much - little) / (megapixels(film) - megapixels(small));
    measured[level] = { perMegapixel, perSecond: Math.max(0, little - perMegapixel * megapixels(small)) };
  }
  return {
    decodePerMegapixel: decoding / film.seconds / megapixels(film),
    soundPerSecond: sound / film.seconds,
    levels: measured as Costs["encoder"]["levels"],
  };
}

/** Million pixels a second. */
const megapixels = ({ width, height }: Size): number => (width * height * film.fps) / 1e6;

const bitrateOf = ({ width, height }: Size): number => usualBitrateKbps({ width, height, fps: film.fps });

/** The pattern and tone of `lectern publish`, without the clock. */
const source = (): string[] => [
  ...["-f", "lavfi", "-i", `testsrc2=size=${film.width}x${film.height}:rate=${film.fps}:duration=${film.seconds}`],
  ...["-f", "lavfi", "-i", `sine=frequency=440:beep_factor=4:sample_rate=48000:duration=${film.seconds}`],
  ...["-filter_complex", "[0:v]format=yuv420p[picture]"],
];

/** What Owncast 0.2.5 gives ffmpeg for a rendition (core/transcoder/transcoder.go, codecs.go). */
function owncastsOptions(size: Size, level: Level): string[] {
  const kbps = bitrateOf(size);
  const most = Math.floor(kbps * 1.08);
  const keyframes = `${film.fps * 2}`;
  return [
    ...[
      "-map",
      "v:0",
      "-c:v:0",
      "libx264",
      "-b:v:0",
      `${kbps}k`,
      "-maxrate:v:0",
      `${most}k`,
      "-bufsize:v:0",
      `${most}k`,
    ],
    ...["-g:v:0", keyframes, "-keyint_min:v:0", keyframes, "-r:v:0", `${film.fps}`],
    ...["-x264-params:v:0", "scenecut=0:open_gop=0", "-profile:v:0", "high"],
    ...[
      "-map",
      "a:0?",
      "-c:a:0",
      "copy",
      "-sws_flags",
      "bilinear",
      "-filter:v:0",
      `scale=${size.width}:${size.height}`,
    ],
    ...[
      "-preset",
      presets[levelIndex(level)] ?? "",
      "-tune",
      "zerolatency",
      "-pix_fmt",
      "yuv420p",
      "-sc_threshold",
      "0",
    ],
  ];
}

/** What ffmpeg took, from its own count. */
async function processorSeconds(args: readonly string[], signal: AbortSignal): Promise<number> {
  const quiet = ["-hide_banner", "-nostdin", "-nostats", "-benchmark", "-loglevel", "info", "-flags", "+cgop"];
  const output = await runCommand(findProgram("ffmpeg"), [...quiet, ...args], { signal });
  const [, user, system] = /^bench: utime=([\d.]+)s stime=([\d.]+)s/m.exec(output) ?? [];
  if (user === undefined) throw new Error(`ffmpeg does not say what it took:\n${output.slice(-2000)}`);
  return Number(user) + Number(system);
}
