import type { Readable, Writable } from "node:stream";
import { startPiped } from "../lib/child-process.ts";
import { reasonOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { type CameraOptions, cameraEncoding, cameraInput } from "./camera-source.ts";

/** How an encoder ended. */
export interface EncoderEnd {
  /** It did all that it was to do. */
  readonly clean: boolean;
  /** For a person, with its last words. */
  readonly how: string;
}

/** ffmpeg as the synthetic camera: clock strips in (none for a media file), FLV out. It knows nothing of the server or the key. */
export interface Encoder {
  readonly pid: number | undefined;
  readonly input: Writable;
  readonly output: Readable;
  /** Never rejects. */
  readonly ended: Promise<EncoderEnd>;
  kill(): void;
}

const keptCharacters = 2000;
/** What to do if it does not work. */
export const noEncoder = "is its x264 encoder there? FFMPEG names another one";

/**
 * Starts it. It ends by itself when `input` ends or nobody reads `output` any more, so also when this process dies.
 * `ffmpeg` is the program's path. Throws CliError 1 if it cannot be started.
 */
export async function startEncoder(ffmpeg: string, camera: CameraOptions): Promise<Encoder> {
  const quiet = ["-hide_banner", "-nostats", "-loglevel", "error"];
  const output = [...cameraEncoding(camera), "-flvflags", "no_duration_filesize", "-f", "flv", "pipe:1"];
  const child = await startPiped(ffmpeg, [...quiet, ...cameraInput(camera), ...output], {
    // A Ctrl-C goes to the whole group of a terminal; the encoder must outlive it to end the stream properly.
    detached: true,
  }).catch((error: unknown) => {
    throw new CliError(ExitCode.failed, `the encoder (ffmpeg) cannot be started: ${reasonOf(error)}`, noEncoder);
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-keptCharacters);
  });
  // Writing to an encoder that has just ended; `ended` tells.
  child.stdin.on("error", () => {});
  const ended = new Promise<EncoderEnd>((resolve) => {
    child.once("error", (error) => resolve({ clean: false, how: `failed: ${error.message}` }));
    child.once("close", (code, signal) => {
      const said = words.trim();
      resolve({ clean: code === 0, how: `ended by itself (${signal ?? `exit ${code}`})${said ? `: ${said}` : ""}` });
    });
  });
  const kill = () => {
    child.kill("SIGKILL");
    // Unread output would keep the child from counting as closed.
    child.stdout.destroy();
  };
  return { pid: child.pid, input: child.stdin, output: child.stdout, ended, kill };
}
