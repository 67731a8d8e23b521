import type { DeclaredCaptions, DeclaredTrack } from "../../../codegen/schema/stage/captions.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { readPlace } from "../../lib/listen.ts";
import type { CaptionSource } from "./source.ts";
import type { SpeechFigures } from "./speech-client.ts";
import { startSpeechSource } from "./speech-source.ts";

/** The options that say where tracks get their words, each as on the command line. */
export interface SourceOptions {
  /** `LANGUAGE=ADDRESS` of a speech server. */
  readonly speech: readonly string[];
  /** `LANGUAGE=TRANSLATOR`. */
  readonly translate: readonly string[];
  readonly say: (line: string) => void;
}

/** A track's source, with what an operator may know of it. */
export interface DeclaredSource {
  readonly declared: DeclaredTrack;
  readonly source: CaptionSource;
  readonly speech?: () => SpeechFigures;
}

/** Starts the source of each declared track. Throws CliError 64 if an option is missing, or if no track needs it. */
export function startSources(captions: DeclaredCaptions, options: SourceOptions): readonly DeclaredSource[] {
  const speech = byLanguage("--speech", options.speech, addressOf);
  const { say } = options;
  const hears = captions.tracks.filter(({ source }) => source === "speech" || source === "interpreter");
  refuseStrange("--speech", speech, hears);
  for (const { language } of hears)
    if (!speech.has(language))
      throw new CliError(
        ExitCode.usage,
        `no --speech for the track ${language}`,
        `add --speech ${language}=host:port, the address of a speech server of that language`,
      );
  return captions.tracks.map((declared): DeclaredSource => {
    const { language } = declared;
    const address = speech.get(language) ?? "";
    if (declared.source !== "speech") throw new CliError(ExitCode.usage, `${declared.source} is not known here`);
    const source = startSpeechSource({ address, language, favour: captions.favour, say });
    return { declared, source, speech: () => source.figures };
  });
}

function byLanguage<T>(
  option: string,
  texts: readonly string[],
  read: (option: string, text: string) => T,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const text of texts) {
    const [, language = "", value = ""] = /^([A-Za-z0-9-]+)=(.+)$/.exec(text) ?? [];
    if (value === "") throw new CliError(ExitCode.usage, `${option} ${text}: expected LANGUAGE=…, such as en=…`);
    if (found.has(language)) throw new CliError(ExitCode.usage, `${option} ${text}: ${language} is named twice`);
    found.set(language, read(`${option} ${text}`, value));
  }
  return found;
}

function addressOf(option: string, address: string): string {
  if (!readPlace(address))
    throw new CliError(ExitCode.usage, `${option}: expected host:port or unix:<path> after the =`);
  return address;
}

function refuseStrange(
  option: string,
  found: ReadonlyMap<string, unknown>,
  tracks: readonly { readonly language: string }[],
): void {
  for (const language of found.keys())
    if (!tracks.some((track) => track.language === language))
      throw new CliError(
        ExitCode.usage,
        `${option} ${language}=…: no track ${language} needs it`,
        "the stage file lists the tracks at captions.tracks",
      );
}
