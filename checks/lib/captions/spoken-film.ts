import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../../../src/lib/programs.ts";

/** A sentence in a film, with its place in seconds. */
export interface Spoken {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A film whose sound is known. */
export interface KnownFilm {
  readonly path: string;
  readonly seconds: number;
  readonly spoken: readonly Spoken[];
}

const run = promisify(execFile);
const ffmpeg = (...args: readonly string[]) => run(findProgram("ffmpeg"), ["-v", "error", "-y", ...args]);
const picture = (seconds: number): string[] => [
  "-f",
  "lavfi",
  "-i",
  `testsrc2=size=320x180:rate=15:duration=${seconds}`,
];
const coded = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-c:a", "aac", "-shortest"];

/** A film with a tone of 0.4 s every three seconds, the first one at 1 s. `seconds` must be a multiple of three. */
export async function makeBeepFilm(folder: string, seconds: number): Promise<KnownFilm> {
  const path = join(folder, "beeps.mp4");
  const tone = `aevalsrc='0.5*sin(2*PI*880*t)*between(mod(t,3),1,1.4)':s=48000:d=${seconds}`;
  await ffmpeg(...picture(seconds), "-f", "lavfi", "-i", tone, ...coded, path);
  const spoken = Array.from({ length: Math.floor(seconds / 3) }, (_, at) => ({
    text: "beep",
    start: 3 * at + 1,
    end: 3 * at + 1.4,
  }));
  return { path, seconds, spoken };
}

const pauseSeconds = 0.7;
const bytesPerSecond = 32_000;

/** A film in which flite speaks these sentences, with pauses of 0.7 s. */
export async function makeSpokenFilm(folder: string, sentences: readonly string[]): Promise<KnownFilm> {
  const spoken: Spoken[] = [];
  const sound: Buffer[] = [];
  let at = 1;
  sound.push(Buffer.alloc(at * bytesPerSecond));
  for (const text of sentences) {
    const file = join(folder, "sentence.txt");
    writeFileSync(file, text);
    const args = ["-v", "error", "-f", "lavfi", "-i", `flite=textfile=${file}:voice=slt`];
    const { stdout } = await run(findProgram("ffmpeg"), [...args, "-ar", "16000", "-ac", "1", "-f", "s16le", "-"], {
      encoding: "buffer",
      maxBuffer: 60 * bytesPerSecond,
    });
    const seconds = stdout.length / bytesPerSecond;
    spoken.push({ text, start: at, end: at + seconds });
    sound.push(stdout, Buffer.alloc(pauseSeconds * bytesPerSecond));
    at += seconds + pauseSeconds;
  }
  const pcm = join(folder, "speech.pcm");
  writeFileSync(pcm, Buffer.concat(sound));
  const path = join(folder, "speech.mp4");
  await ffmpeg(...picture(at), "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", pcm, "-ar", "48000", ...coded, path);
  return { path, seconds: at, spoken };
}
