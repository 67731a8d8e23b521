import { findStage } from "../host/installed-stages.ts";
import { codeOf, fileFault } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readerGone } from "../lib/signals.ts";
import { textTable } from "../lib/text-table.ts";
import {
  listTranscripts,
  readTranscriptFile,
  type Transcript,
  type TranscriptFormat,
  transcriptFormats,
} from "../lib/transcript-files.ts";
import { readWholeVtt } from "../lib/transcript-vtt.ts";
import { examples, type Verb } from "./verb.ts";

interface TranscriptOptions {
  readonly dir?: string;
  readonly language?: string;
  readonly session?: string;
  readonly format?: string;
  readonly json?: true;
}

/** `lectern transcript`: what was said on a stage. */
export const verb: Verb<TranscriptOptions> = {
  configure(command) {
    command
      .argument("[stage]", "a stage of this host")
      .option("--dir <folder>", "a folder with transcripts, instead of a stage of this host")
      .option("--language <language>", "the track's language, such as en")
      .option("--session <session>", "one broadcast, as the list names it, or latest")
      .option("--format <format>", "vtt (WebVTT), srt (SubRip) or txt (plain text with times)", "txt")
      .option("--json", "print the list, or the cues with their times in seconds, as JSON")
      .addHelpText(
        "after",
        `\nA stage has a transcript for each broadcast and language. If there are several broadcasts and --session names none,\nit lists them. It also prints a broadcast that is still on air, as far as it was said. Times count from the\nbroadcast's start.\n${examples(
          "lectern transcript main",
          "lectern transcript main --session latest --language en",
          "lectern transcript main --session 20261130T084752Z --language fr --format srt",
          "lectern transcript --dir ./transcripts --json",
        )}`,
      );
  },
  async run([stage], options): Promise<ExitCode> {
    const format = formatOf(options.format);
    const place = await placeOf(stage, options.dir);
    const all = await transcriptsIn(place);
    const found = choose(all, place, options);
    readerGone();
    const [one] = found;
    if (found.length > 1 || !one) {
      process.stdout.write(options.json ? json({ transcripts: found }) : listText(found));
      return ExitCode.done;
    }
    process.stdout.write(options.json ? await asJson(place, one) : await asText(place, one, format));
    return ExitCode.done;
  },
};

/** Where transcripts are, and what people call the place. */
interface Place {
  readonly folder: string;
  readonly name: string;
}

async function placeOf(stage: string | undefined, dir: string | undefined): Promise<Place> {
  if ((stage === undefined) === (dir === undefined))
    throw new CliError(
      ExitCode.usage,
      stage === undefined ? "missing: a stage of this host" : "a stage and --dir exclude each other",
      "lectern transcript STAGE on the stage's host, or lectern transcript --dir FOLDER",
    );
  if (dir !== undefined) return { folder: dir, name: dir };
  const { name, transcriptsDir } = await findStage(stage!);
  if (transcriptsDir !== undefined) return { folder: transcriptsDir, name: `stage "${name}"` };
  throw new CliError(
    ExitCode.failed,
    `stage "${name}" has no captions, so nobody writes a transcript of it`,
    "declare captions.tracks in its stage file, and rebuild the host",
  );
}

async function transcriptsIn({ folder, name }: Place): Promise<Transcript[]> {
  const all = await listTranscripts(folder).catch((error: unknown) => {
    const isClosed = ["EACCES", "EPERM"].includes(codeOf(error));
    throw new CliError(
      ExitCode.failed,
      `${folder}: cannot be read (${fileFault(error)})`,
      isClosed ? "run it as root, or as a user of the stage's group" : "it takes a folder with transcripts",
    );
  });
  if (all.length > 0) return all;
  throw new CliError(
    ExitCode.failed,
    `${name} has no transcript yet${name === folder ? "" : ` (${folder})`}`,
    "a transcript begins with the first caption of a broadcast",
  );
}

/** The transcript to print; several if they are to be listed. */
function choose(all: Transcript[], { name }: Place, { language, session }: TranscriptOptions): readonly Transcript[] {
  const spoken = language === undefined ? all : all.filter((one) => one.language === language);
  if (spoken.length === 0)
    throw new CliError(
      ExitCode.usage,
      `${name} has no transcript in "${language}"`,
      `its languages are: ${unique(all.map((one) => one.language))}`,
    );
  const sessions = new Set(spoken.map((one) => one.session));
  if (session === undefined && sessions.size > 1) return spoken;
  const wanted = session === undefined || session === "latest" ? spoken[0]!.session : session;
  const found = spoken.filter((one) => one.session === wanted);
  if (found.length === 0)
    throw new CliError(
      ExitCode.usage,
      `${name} has no transcript of session "${wanted}"${language === undefined ? "" : ` in "${language}"`}`,
      `its newest sessions are: ${unique(spoken.map((one) => one.session).slice(0, 10))}`,
    );
  if (found.length === 1) return found;
  throw new CliError(
    ExitCode.usage,
    `session ${wanted} has several languages: ${unique(found.map((one) => one.language))}`,
    `name one: --language ${found[0]!.language}`,
  );
}

const unique = (names: readonly string[]): string => [...new Set(names)].join(", ");

async function asText(place: Place, one: Transcript, format: TranscriptFormat): Promise<string> {
  const bytes = await contentOf(place, one, format);
  if (format === "vtt") return bytes.toString("utf8", 0, readWholeVtt(bytes).bytes);
  const text = bytes.toString("utf8");
  // The writer may be in the middle of the last cue.
  if (format === "srt") return text.slice(0, text.includes("\n\n") ? text.lastIndexOf("\n\n") + 2 : 0);
  return text.endsWith("\n") || text === "" ? text : `${text}\n`;
}

async function asJson(place: Place, one: Transcript): Promise<string> {
  const { cues } = readWholeVtt(await contentOf(place, one, "vtt"));
  const { session, language, startedAt } = one;
  return json({
    session,
    language,
    startedAt,
    cues: cues.map((cue) => ({ ...cue, lines: undefined, text: cue.lines.join("\n") })),
  });
}

const contentOf = ({ folder }: Place, one: Transcript, format: TranscriptFormat): Promise<Buffer> =>
  readTranscriptFile(folder, one, format).catch((error: unknown) => {
    throw new CliError(
      ExitCode.failed,
      `${folder}: session ${one.session} in "${one.language}" cannot be read as ${format} (${fileFault(error)})`,
      "run it as root, or choose another --format",
    );
  });

function formatOf(word = "txt"): TranscriptFormat {
  const format = transcriptFormats.find((one) => one === word);
  if (format) return format;
  throw new CliError(ExitCode.usage, `--format ${word}: expected vtt, srt or txt`);
}

const listText = (found: readonly Transcript[]): string =>
  textTable([
    ["session", "language", "started (UTC)", "kB"],
    ...found.map(({ session, language, startedAt, bytes }) => [
      session,
      language,
      startedAt.replace("T", " ").slice(0, 19),
      `${Math.ceil(bytes / 1000)}`,
    ]),
  ]);

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
