import { readdirSync, readFileSync } from "node:fs";
import { parseRtmpUrl } from "../../../src/media/rtmp/rtmp-target.ts";
import type { PublisherOptions } from "../../../src/publish/publisher.ts";

/** A stream key with characters that have a meaning in URLs and shells. */
export const testStreamKey = "correct=horse/battery#staple";

/** A small camera that publishes to a port of this machine. */
export const testCamera = (port: number, options: Partial<PublisherOptions> = {}): PublisherOptions => ({
  target: parseRtmpUrl(`rtmp://127.0.0.1:${port}/live`),
  streamKey: testStreamKey,
  width: 320,
  height: 180,
  fps: 30,
  bitrateKbps: 400,
  ...options,
});

/** Command lines of this process's running camera encoders. */
export const runningEncoders = (): string[] =>
  readdirSync("/proc/self/task")
    .flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, "utf8").trim().split(" "))
    .flatMap((pid) => {
      try {
        return pid === "" ? [] : [readFileSync(`/proc/${pid}/cmdline`, "utf8")];
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes("rawvideo"));
