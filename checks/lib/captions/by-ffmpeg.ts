import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findProgram } from "../../../src/lib/programs.ts";

const run = promisify(execFile);

/** What ffmpeg finds at addresses of a stage. Each reading rejects with ffmpeg's own words. */
export function ffmpegReader(caFile: string) {
  const read = async (before: readonly string[], url: string, after: readonly string[]): Promise<string> => {
    const input = ["-v", "error", "-ca_file", caFile, ...before, "-i", url];
    return (await run(findProgram("ffmpeg"), [...input, ...after], { timeout: 60_000 })).stdout;
  };
  return {
    /** The cues of a file as SubRip. */
    srt: (url: string) => read([], url, ["-f", "srt", "pipe:1"]),
    /** The timestamp of a segment's first frame, in 1/90000 s. */
    async firstPts(url: string): Promise<number> {
      const frames = await read(["-copyts"], url, ["-map", "0:v:0", "-c", "copy", "-f", "framecrc", "pipe:1"]);
      const first = frames.split("\n").find((line) => line.startsWith("0,"));
      return Number(first?.split(",")[2]);
    },
    /** Plays some seconds of a stage, and resolves to the number of frames. */
    async play(url: string, seconds: number): Promise<number> {
      const frames = await read([], url, ["-t", `${seconds}`, "-map", "0:v:0", "-f", "framecrc", "pipe:1"]);
      return frames.split("\n").filter((line) => line.startsWith("0,")).length;
    },
  };
}
