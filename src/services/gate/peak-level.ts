import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { startPiped } from "../../lib/child-process.ts";
import { withinSeconds } from "../../lib/time-limit.ts";

const lowestPriority = 19;
const endedFirst = "1000";
// A few seconds of six channels.
const mostPcmBytes = 4 * 1024 * 1024;
const fullScale = 32_768;

/** Sound to measure, in one of ffmpeg's containers. */
export interface PeakOptions {
  /** The program's path. */
  readonly ffmpeg: string;
  readonly container: "flv" | "mpegts";
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The loudest sample in dBFS: 0 is full scale, -Infinity is digital silence. Undefined if ffmpeg decodes nothing in time,
 * or cannot be started. Takes one process at the lowest priority, which is ended when it takes too long or gives too much.
 */
export async function peakDbfs(sound: Buffer, options: PeakOptions): Promise<number | undefined> {
  const { timeoutMs, signal } = options;
  const pcm = await withinSeconds(timeoutMs / 1000, signal, (limit) => decode(sound, options, limit)).catch(() =>
    Buffer.alloc(0),
  );
  if (pcm.length < 2) return undefined;
  let peak = 0;
  for (let at = 0; at + 1 < pcm.length; at += 2) peak = Math.max(peak, Math.abs(pcm.readInt16LE(at)));
  return 20 * Math.log10(peak / fullScale);
}

async function decode(sound: Buffer, { ffmpeg, container }: PeakOptions, signal: AbortSignal): Promise<Buffer> {
  const input = ["-protocol_whitelist", "pipe", "-threads", "1", "-f", container, "-i", "pipe:0"];
  const output = ["-map", "0:a:0", "-vn", "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"];
  const child = await startPiped(ffmpeg, ["-hide_banner", "-nostats", "-loglevel", "quiet", ...input, ...output], {
    signal,
    killSignal: "SIGKILL",
  });
  if (child.pid !== undefined) putLast(child.pid);
  const parts: Buffer[] = [];
  let bytes = 0;
  child.stderr.resume();
  child.stdout.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes > mostPcmBytes) child.kill("SIGKILL");
    else parts.push(part);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.once("close", () => resolve(Buffer.concat(parts)));
    // It may give up before it has read all.
    child.stdin.on("error", () => {}).end(sound);
  });
}

/** Lets everything else go before it, and lets the kernel end it first if memory runs out. */
function putLast(pid: number): void {
  try {
    setPriority(pid, lowestPriority);
    writeFileSync(`/proc/${pid}/oom_score_adj`, endedFirst);
  } catch {
    // It has ended already, or the system does not allow it: then it competes for a moment.
  }
}
