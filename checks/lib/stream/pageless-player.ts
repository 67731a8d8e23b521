import { spawn } from "node:child_process";
import { once } from "node:events";
import { findProgram } from "../../../src/lib/programs.ts";

/** A player without a page, like VLC and TVs: ffmpeg, which decodes the stream and shows nothing. */
export interface PagelessPlayer {
  /** Number of decoded frames so far. */
  frames(): number;
  /** Whether it still plays, or waits for more. */
  isThere(): boolean;
  stop(): Promise<void>;
}

/** Plays a stage's stream. `flags` are ffmpeg's input options. */
export function playWithoutPage(page: string, flags: readonly string[] = []): PagelessPlayer {
  const input = ["-hide_banner", "-loglevel", "error", "-nostdin", ...flags, "-i", `${page}/hls/stream.m3u8`];
  const player = spawn(findProgram("ffmpeg"), [...input, "-map", "0:v:0", "-f", "null", "-progress", "pipe:1", "-"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const gone = once(player, "exit");
  let frames = 0;
  player.stdout.setEncoding("utf8").on("data", (text: string) => {
    for (const [, count] of text.matchAll(/^frame=(\d+)$/gm)) frames = Number(count);
  });
  return {
    frames: () => frames,
    isThere: () => player.exitCode === null && player.signalCode === null,
    async stop() {
      player.kill("SIGKILL");
      await gone;
    },
  };
}
