import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { startPiped } from "../lib/child-process.ts";
import { withinSeconds } from "../lib/time-limit.ts";

/** A piece of coded sound, and how it is decoded. */
export interface SoundToDecode {
  /** ffmpeg's path. */
  readonly ffmpeg: string;
  /** ffmpeg's name of the container: `flv`, `aac`, `mpegts`. */
  readonly format: "flv" | "aac" | "mpegts";
  /** ffmpeg's options for the output, such as the rate. The samples as they are, if left out. */
  readonly output?: readonly string[];
  /** ffmpeg is killed when it writes more. */
  readonly mostBytes: number;
  readonly seconds: number;
  readonly signal?: AbortSignal | undefined;
}

const lowestPriority = 19;
// The kernel's out-of-memory killer takes the process with the highest score (1000) first.
const endedFirst = "1000";

/**
 * Decodes sound to signed 16-bit samples, by an ffmpeg of the lowest priority that can open nothing but its pipes. Bytes that are
 * no sound give few samples or none. Rejects if ffmpeg cannot be started, takes too long, or if the signal aborts.
 */
export function decodeSound(sound: Buffer, { seconds, signal, ...how }: SoundToDecode): Promise<Buffer> {
  return withinSeconds(seconds, signal, (both) => decode(sound, how, both));
}

async function decode(
  sound: Buffer,
  { ffmpeg, format, output = [], mostBytes }: Omit<SoundToDecode, "seconds" | "signal">,
  signal: AbortSignal,
): Promise<Buffer> {
  const input = ["-protocol_whitelist", "pipe", "-threads", "1", "-f", format, "-i", "pipe:0"];
  const samples = ["-map", "0:a:0", "-vn", ...output, "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"];
  const child = await startPiped(ffmpeg, ["-hide_banner", "-nostats", "-loglevel", "quiet", ...input, ...samples], {
    signal,
    killSignal: "SIGKILL",
  });
  if (child.pid !== undefined) lowerPriority(child.pid);
  const parts: Buffer[] = [];
  let bytes = 0;
  child.stderr.resume();
  child.stdout.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes > mostBytes) child.kill("SIGKILL");
    else parts.push(part);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.once("close", () => resolve(Buffer.concat(parts)));
    // ffmpeg may close its input before it has read everything.
    child.stdin.on("error", () => {}).end(sound);
  });
}

/** Other processes run first, and if memory runs out the kernel kills this one first. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, lowestPriority);
    writeFileSync(`/proc/${pid}/oom_score_adj`, endedFirst);
  } catch {
    // It has exited already, or the system does not allow it: it then competes with the others for a moment.
  }
}
