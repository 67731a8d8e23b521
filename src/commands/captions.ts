import { once } from "node:events";
import { ExitCode } from "../lib/errors.ts";
import { findProgram } from "../lib/programs.ts";
import { askedToEnd } from "../lib/signals.ts";
import { startSystemdNotices } from "../lib/systemd-notices.ts";
import { startCaptionsService } from "../services/captions/captions-service.ts";
import { examples, type Verb } from "./verb.ts";

interface CaptionsOptions {
  readonly seed: string;
  readonly keeper: string;
  readonly hlsDir: string;
  readonly keptDir?: string;
  readonly captionsDir: string;
  readonly speech: readonly string[];
  readonly translate: readonly string[];
  readonly secrets?: string;
  readonly listen?: string;
  readonly inputs?: string;
  readonly transcriptDir?: string;
  readonly status?: string;
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** `lectern captions`: live captions for the player. */
export const verb: Verb<CaptionsOptions> = {
  configure(command) {
    command
      .requiredOption(
        "--seed <file>",
        "seed or stage file: it declares the tracks, the glossary and the words to favour",
      )
      .requiredOption("--keeper <address>", "host:port or unix:<path> of the playlist keeper")
      .requiredOption("--hls-dir <folder>", "Owncast's folder of playlists and segments, data/hls")
      .option("--kept-dir <folder>", "the keeper's folder of segments (default: beside --hls-dir, named …-kept)")
      .requiredOption("--captions-dir <folder>", "folder for the tracks' files, which the web server serves")
      .option(
        "--speech <language=address>",
        "host:port or unix:<path> of a speech server; may be repeated",
        collect,
        [],
      )
      .option("--translate <language=translator>", "who translates into a language; may be repeated", collect, [])
      .option("--secrets <folder>", "folder with the token of each captioner, captions-token-<language>")
      .option("--listen <address>", "host:port or unix:<path> for captioners' text, which the web server passes on")
      .option("--inputs <address>", "host:port or unix:<path> for interpreters' sound, which the gate sends")
      .option("--transcript-dir <folder>", "folder for the transcripts of all that is said (default: there are none)")
      .option("--status <address>", "host:port or unix:<path> for /status and /metrics")
      .addHelpText(
        "after",
        `\nA service. It follows the stage's playlist, has each segment's sound heard, and writes captions that belong to the\nsegment's own frames. If a speech server is gone, players are offered no captions until it is back; the video goes on.\n${examples(
          "lectern captions --seed main.json --keeper 127.0.0.1:8081 --hls-dir /var/cache/lectern/main/hls --captions-dir /var/cache/lectern/main/captions --speech en=127.0.0.1:2700",
        )}`,
      );
  },
  async run(_, options) {
    const ffmpeg = findProgram("ffmpeg");
    const stopped = askedToEnd();
    const service = await startCaptionsService({ ...options, ffmpeg, say });
    const notices = startSystemdNotices(say);
    try {
      if (!stopped.aborted) await once(stopped, "abort");
    } finally {
      notices.stop();
      await service.stop();
    }
    return ExitCode.done;
  },
};
