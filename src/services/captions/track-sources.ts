import type { DeclaredCaptions, DeclaredTrack } from "../../../codegen/schema/stage/captions.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { readPlace } from "../../lib/listen.ts";
import { startInputsServer } from "./inputs-server.ts";
import { type InterpreterInput, startInterpreterSource } from "./interpreter-source.ts";
import { startPushServer } from "./push-server.ts";
import { type PushInbox, startPushSource } from "./push-source.ts";
import type { CaptionSource, Committed } from "./source.ts";
import type { SpeechFigures } from "./speech-client.ts";
import { startSpeechSource } from "./speech-source.ts";
import { startTranslationSource, type TranslationSource } from "./translation-source.ts";
import { readTranslator, type Translator } from "./translator.ts";

/** The dates of the picture are the wall clock's: to them, an interpreter's sound and a captioner's text are compared. */
const wallClock = (): number => Date.now();

/** The options that say where tracks get their words, each as on the command line. */
export interface SourceOptions {
  /** `LANGUAGE=ADDRESS` of a speech server. */
  readonly speech: readonly string[];
  /** `LANGUAGE=TRANSLATOR`. */
  readonly translate: readonly string[];
  readonly say: (line: string) => void;
}

/** Where captioners and interpreters come in. */
export interface DoorOptions {
  readonly secrets?: string | undefined;
  readonly listen?: string | undefined;
  readonly inputs?: string | undefined;
  /** ffmpeg's path. */
  readonly ffmpeg: string;
  readonly say: (line: string) => void;
}

/** A track's source, with what an operator may know of it. */
export interface DeclaredSource {
  readonly declared: DeclaredTrack;
  readonly source: CaptionSource;
  readonly speech?: () => SpeechFigures;
  readonly inbox?: PushInbox;
  readonly input?: InterpreterInput;
  readonly translation?: TranslationSource;
  /** Called with each segment that the track commits. */
  readonly listeners: ((committed: Committed) => void)[];
}

/** Starts the source of each declared track. Throws CliError 64 if an option is missing, or if no track needs it. */
export function startSources(captions: DeclaredCaptions, options: SourceOptions): readonly DeclaredSource[] {
  const speech = byLanguage("--speech", options.speech, addressOf);
  const hears = captions.tracks.filter(({ source }) => source === "speech" || source === "interpreter");
  refuseStrange("--speech", speech, hears);
  for (const { language } of hears)
    if (!speech.has(language))
      throw new CliError(
        ExitCode.usage,
        `no --speech for the track ${language}`,
        `add --speech ${language}=host:port, the address of a speech server of that language`,
      );
  const translators = byLanguage("--translate", options.translate, (option, text) => readTranslator(text, option));
  const translated = captions.tracks.filter(({ source }) => source === "translation");
  refuseStrange("--translate", translators, translated);
  for (const { language } of translated)
    if (!translators.has(language))
      throw new CliError(
        ExitCode.usage,
        `no --translate for the track ${language}`,
        `add --translate ${language}=http://127.0.0.1:5000 of a LibreTranslate on this host, or ${language}=command:/path/to/program`,
      );
  const sources = new Map<string, DeclaredSource>();
  const listenersOf = new Map(captions.tracks.map(({ language }) => [language, [] as DeclaredSource["listeners"]]));
  for (const declared of captions.tracks) {
    const started = startSource(declared, { captions, options, speech, translators, sources, listenersOf });
    sources.set(declared.language, { declared, listeners: listenersOf.get(declared.language) ?? [], ...started });
  }
  return [...sources.values()];
}

interface Starting {
  readonly captions: DeclaredCaptions;
  readonly options: SourceOptions;
  readonly speech: ReadonlyMap<string, string>;
  readonly translators: ReadonlyMap<string, Translator>;
  /** Those that were started already. */
  readonly sources: ReadonlyMap<string, DeclaredSource>;
  readonly listenersOf: ReadonlyMap<string, DeclaredSource["listeners"]>;
}

function startSource(
  { language, source: kind, from = "" }: DeclaredTrack,
  { captions: { favour }, options: { say }, speech, translators, sources, listenersOf }: Starting,
): Omit<DeclaredSource, "declared" | "listeners"> {
  const address = speech.get(language) ?? "";
  const translator = translators.get(language);
  if (kind === "push") {
    const source = startPushSource({ language, say, now: wallClock });
    return { source, inbox: source.inbox };
  }
  if (kind === "interpreter") {
    const source = startInterpreterSource({ language, speech: address, favour, say, now: wallClock });
    return { source, input: source.input, speech: () => source.client.figures };
  }
  if (kind === "translation" && translator) {
    const onCommitted = (listener: (committed: Committed) => void) => void listenersOf.get(from)?.push(listener);
    const isFromReady = () => sources.get(from)?.source.isReady === true;
    const source = startTranslationSource({ language, from, translator, onCommitted, isFromReady, say });
    return { source, translation: source };
  }
  const source = startSpeechSource({ address, language, favour, say });
  return { source, speech: () => source.figures };
}

/**
 * Opens the doors for captioners and interpreters, and adds each to `opened`. Throws CliError: 64 if an option is missing or no track
 * needs it, 1 if it cannot listen.
 */
export async function startDoors(
  sources: readonly DeclaredSource[],
  { listen, secrets, inputs, ffmpeg, say }: DoorOptions,
  opened: { stop(): Promise<void> }[],
): Promise<void> {
  const named = <T>(pick: (source: DeclaredSource) => T | undefined): ReadonlyMap<string, T> =>
    new Map(
      sources.flatMap((source) => {
        const found = pick(source);
        return found === undefined ? [] : [[source.declared.language, found] as const];
      }),
    );
  const inboxes = named(({ inbox }) => inbox);
  const heard = named(({ input }) => input);
  needOption("--listen", listen, inboxes.size, "push");
  needOption("--secrets", secrets, inboxes.size, "push");
  needOption("--inputs", inputs, heard.size, "interpreter");
  if (listen !== undefined && secrets !== undefined && inboxes.size > 0)
    opened.push(await startPushServer({ address: listen, inboxes, secrets, say }));
  if (inputs !== undefined && heard.size > 0)
    opened.push(await startInputsServer({ address: inputs, inputs: heard, ffmpeg, say, now: wallClock }));
}

function needOption(option: string, value: string | undefined, tracks: number, source: string): void {
  if (tracks > 0 && value === undefined)
    throw new CliError(ExitCode.usage, `no ${option}: the stage has a track with source ${source}`, `add ${option}`);
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
  const place = readPlace(address);
  if (place && "path" in place && place.path.includes(":"))
    throw new CliError(ExitCode.usage, `${option}: expected a socket's path without a colon`);
  if (!place) throw new CliError(ExitCode.usage, `${option}: expected host:port or unix:<path> after the =`);
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
