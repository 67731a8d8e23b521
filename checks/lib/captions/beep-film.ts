import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../../../src/lib/programs.ts";

/** Seconds from one tone's start to the next; the first one starts at 1 s. */
export const beepEverySeconds = 3;

/** Makes a film with a tone of 0.4 s every three seconds. `seconds` must be a multiple of three. Resolves to its path. */
export async function makeBeepFilm(folder: string, seconds: number): Promise<string> {
  const path = join(folder, "beeps.mp4");
  const tone = `aevalsrc='0.5*sin(2*PI*880*t)*between(mod(t,${beepEverySeconds}),1,1.4)':s=48000:d=${seconds}`;
  const inputs = ["-f", "lavfi", "-i", `testsrc2=size=320x180:rate=15:duration=${seconds}`, "-f", "lavfi", "-i", tone];
  const coded = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-c:a", "aac", "-shortest"];
  await promisify(execFile)(findProgram("ffmpeg"), ["-v", "error", "-y", ...inputs, ...coded, path]);
  return path;
}
