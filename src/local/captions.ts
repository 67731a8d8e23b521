import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Seed } from "../../generated/seed.d.ts";
import { askSocket } from "../lib/ask-socket.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { onPath } from "../lib/programs.ts";
import { type Part, startPart } from "./part.ts";
import { type ProcessUse, processUse } from "./process-use.ts";
import { type LocalStage, seedFileOf } from "./stage.ts";

/** The language that the demo's camera speaks. */
export const spokenLanguage = "en";
const translatedLanguage = "es";

/** What hears the demo's camera, and what translates it. */
export interface CaptionPrograms {
  /** The command of the speech server, without options. */
  readonly speech: readonly string[];
  /** The command of Lectern itself, without a verb. */
  readonly lectern: readonly string[];
  /** apertium's path; undefined if it cannot translate from English to Spanish here. */
  readonly apertium: string | undefined;
}

const speechFolder = fileURLToPath(new URL("../../speech", import.meta.url));
const apertiumMode = "eng-spa";
// Debian's place of apertium's languages.
const apertiumModes = "/usr/share/apertium/modes";

/** Finds the programs. Throws CliError 1 without a speech server. */
export function findCaptionPrograms(): CaptionPrograms {
  const installed = onPath("lectern-speech");
  const python = process.env.SPEECH;
  const speech = python ? [python, speechFolder] : installed && [installed];
  if (!speech)
    throw new CliError(
      ExitCode.failed,
      "no speech server was found",
      "run `npm start -- --captions`, which brings one, or set SPEECH to a Python that has pocketsphinx",
    );
  const hasMode = existsSync(join(apertiumModes, `${apertiumMode}.mode`));
  const lectern = [process.execPath, ...process.execArgv, fileURLToPath(new URL("../main.ts", import.meta.url))];
  return { speech, lectern, apertium: hasMode ? onPath("apertium") : undefined };
}

/** The tracks of the demo. */
export const captionTracks = ({
  apertium,
}: Pick<CaptionPrograms, "apertium">): NonNullable<NonNullable<Seed["captions"]>["tracks"]> => [
  { language: spokenLanguage, source: "speech" },
  ...(apertium ? [{ language: translatedLanguage, source: "translation" as const, from: spokenLanguage }] : []),
];

// What the demo reads of the service's status.
const statusShape = z.object({
  tracks: z.array(
    z.object({
      language: z.string(),
      name: z.string(),
      ready: z.boolean(),
      words: z.number(),
      wordSeconds: z.object({ p50: z.number().optional(), p95: z.number().optional() }),
      speech: z.object({ realTimeFactor: z.number().optional() }).optional(),
    }),
  ),
});

/** The state of the captions service. */
export type CaptionsState = z.output<typeof statusShape>;

/** Captions that run. */
export interface RunningCaptions {
  state(): Promise<CaptionsState>;
  /** What the captions service and the speech server have used so far. */
  use(): { readonly service: ProcessUse; readonly speech: ProcessUse };
}

/** Starts the speech server and `lectern captions`, each in a process of its own, as parts of the stage. */
export async function startCaptions(stage: LocalStage, programs: CaptionPrograms): Promise<RunningCaptions> {
  const { folder, parts, hlsDir, captionsDir, keeper } = stage;
  const socketOf = (name: string) => join(folder, `${name}.sock`);
  const start = (name: string, logFile: string, command: readonly string[]): Part => {
    const part = startPart(command, { name, logFile: join(folder, logFile) });
    parts.push(part);
    return part;
  };
  const hears = ["--engine", "pocketsphinx", "--language", spokenLanguage, "--listen", `unix:${socketOf("speech")}`];
  const speech = start("the speech server", "speech.log", [...programs.speech, ...hears]);
  const place = ["--keeper", keeper, "--hls-dir", hlsDir, "--captions-dir", captionsDir];
  const heard = ["--speech", `${spokenLanguage}=unix:${socketOf("speech")}`];
  const translated = programs.apertium
    ? ["--translate", `${translatedLanguage}=command:${await translatorIn(folder, programs.apertium)}`]
    : [];
  const status = ["--status", `unix:${socketOf("captions")}`];
  const options = ["--seed", seedFileOf(folder), ...place, ...heard, ...translated, ...status];
  const service = start("the captions service", "captions.log", [...programs.lectern, "captions", ...options]);
  return {
    async state() {
      const asked = { socketPath: socketOf("captions"), path: "/status", seconds: 5, mostBytes: 100_000 };
      return statusShape.parse(JSON.parse((await askSocket(asked)).text));
    },
    use: () => ({ service: processUse(service.pid ?? 0), speech: processUse(speech.pid ?? 0) }),
  };
}

/** A program that reads a sentence a line, and writes its translation as one line. apertium itself waits for the end of its input. */
async function translatorIn(folder: string, apertium: string): Promise<string> {
  const file = join(folder, "translate");
  const line = `printf '%s\\n' "$sentence" | '${apertium}' -u ${apertiumMode} | tr '\\n' ' '`;
  await writeFile(file, `#!/bin/sh\nwhile IFS= read -r sentence; do\n  ${line}\n  echo\ndone\n`, { mode: 0o700 });
  return file;
}
