import { z } from "zod";
import { settings } from "../core/registry.ts";
import { text } from "../core/text.ts";

/** Where a track's words come from. */
export type CaptionsSource = "speech" | "interpreter" | "translation" | "push";

// A test holds the form equal to `src/lib/captions-tracks.ts`, which checks the same words at run time.
const languageForm = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/u;
const language = text({
  min: 2,
  max: 30,
  pattern: {
    regex: languageForm,
    says: "a language's code, such as en, pt-BR or zh-Hant",
  },
});

const track = z.strictObject({
  /**
   * The track's language as a BCP 47 code. It is a part of addresses, of file names, and of the names of the track's secrets.
   * @example en
   */
  language,
  /**
   * The name that viewers read in the player's list. Without it, it is the language's own name. Automatic tracks get a label behind it.
   * @example English
   */
  name: text({
    min: 1,
    max: 60,
    pattern: { regex: /^[^\s"](?:[^"]*[^\s"])?$/u, says: "a name without double quotes, and no spaces around it" },
  }).exactOptional(),
  /**
   * Where the words come from. `speech`: a speech server hears the stage's own sound. `interpreter`: it hears an interpreter, who
   * publishes with the stream key in the secret `interpreter-key-LANGUAGE`. `translation`: the words of another track, translated.
   * `push`: a human captioner, whose tool shows the token in the secret `captions-token-LANGUAGE`.
   * @example speech
   */
  source: z.enum(["speech", "interpreter", "translation", "push"]),
  /**
   * With `translation`: the language of the track that is translated.
   * @example en
   */
  from: language.exactOptional(),
});
type Track = z.output<typeof track>;

/**
 * The caption tracks that viewers can choose, in the order of the player's list. None is shown until a viewer chooses it.
 * @example [{ language: pt-BR, source: interpreter }, { language: en, source: speech }]
 */
const tracks = z
  .array(track)
  .min(1)
  .max(8)
  .check(({ value, issues }) => {
    for (const [index, one] of value.entries())
      for (const { key, message } of trackFaults(one, value.slice(0, index), value))
        issues.push({
          code: "custom",
          message,
          input: one[key],
          path: one[key] === undefined ? [index] : [index, key],
        });
  })
  .register(settings, { takesEffect: "live", leftOut: "there are no captions" });

/** What is wrong with a track beside the others. */
function trackFaults(
  { language, source, from }: Track,
  earlier: readonly Track[],
  all: readonly Track[],
): { readonly key: "language" | "from"; readonly message: string }[] {
  const same = earlier.find((other) => other.language.toLowerCase() === language.toLowerCase());
  const twice = same && `expected each language once; an earlier track has ${same.language}`;
  const wrongFrom = source === "translation" ? fromFault(from, all) : unusedFrom(source, from);
  return [
    ...(twice === undefined ? [] : [{ key: "language" as const, message: twice }]),
    ...(wrongFrom === undefined ? [] : [{ key: "from" as const, message: wrongFrom }]),
  ];
}

const unusedFrom = (source: CaptionsSource, from: string | undefined): string | undefined =>
  from === undefined
    ? undefined
    : `expected no from with source ${source}; only a translation is made from another track`;

function fromFault(from: string | undefined, all: readonly Track[]): string | undefined {
  const spoken = all.filter(({ source }) => source !== "translation").map(({ language }) => language);
  const choice = spoken.length === 0 ? "add a track that is no translation" : `one of ${spoken.join(", ")}`;
  if (from === undefined) return `expected from too, because source is translation: ${choice}`;
  // What is no language has a fault already.
  if (spoken.includes(from) || !languageForm.test(from)) return undefined;
  const isTranslation = all.some(({ language }) => language === from);
  return `expected a track that is no translation: ${choice}${isTranslation ? `; ${from} is a translation itself` : ""}`;
}

/**
 * Words that the speech engine writes wrongly, and their right form.
 * @example [{ heard: nicks os, written: NixOS }]
 */
const glossary = z
  .array(
    z.strictObject({
      /**
       * What the engine writes: one to eight words in lower case, with single spaces.
       * @example nicks os
       */
      heard: text({
        min: 1,
        max: 100,
        pattern: {
          regex: /^[^\s\p{Lu}]+(?: [^\s\p{Lu}]+){0,7}$/u,
          says: "one to eight words in lower case, with single spaces between them",
        },
      }),
      /**
       * What the caption says instead. It always stays on one line.
       * @example NixOS
       */
      written: text({
        min: 1,
        max: 42,
        pattern: { regex: /^\S(?:.*\S)?$/u, says: "a text without spaces around it" },
      }),
    }),
  )
  .max(500)
  .refine((list) => new Set(list.map(({ heard }) => heard)).size === list.length, {
    error: "expected each heard once",
  })
  .register(settings, { takesEffect: "live", leftOut: "captions say what the engine writes" });

/**
 * Words that a speech engine should favour, in lower case. Engines that cannot favour words ignore them.
 * @example [owncast, caddy]
 */
const favour = z
  .array(
    text({
      min: 1,
      max: 40,
      pattern: { regex: /^[^\s\p{Lu}]+$/u, says: "one word in lower case" },
    }),
  )
  .max(200)
  .register(settings, { takesEffect: "live", leftOut: "the engine favours no words" });

/**
 * Who may read the transcript, which holds all captions of an event. `private`: it stays on the host, for `lectern transcript`.
 * `published`: viewers can also download it from the stage's site, below `/transcripts/`.
 * @example published
 */
const transcript = z.enum(["private", "published"]).register(settings, { takesEffect: "live", leftOut: "`private`" });

/** Live captions in the player. */
export const captions = z.strictObject({
  tracks: tracks.exactOptional(),
  glossary: glossary.exactOptional(),
  favour: favour.exactOptional(),
  transcript: transcript.exactOptional(),
});
type Captions = z.output<typeof captions>;

/** Why a stage with object storage cannot have captions. */
export const storedCaptionsFault =
  "expected no tracks with storage.objectStorage, because players then load their playlists from the bucket, which knows no tracks; remove captions.tracks, or set storage.objectStorage.enabled to false";

/** A track as a seed declares it. */
export interface DeclaredTrack {
  readonly language: string;
  /** For viewers; undefined if the language's own name is meant. */
  readonly name: string | undefined;
  readonly source: CaptionsSource;
  /** With `translation`, the language of the track that is translated; else undefined. */
  readonly from: string | undefined;
}

/** What a seed declares about captions, with nothing left out. */
export interface DeclaredCaptions {
  /** Empty: the stage has no captions. */
  readonly tracks: readonly DeclaredTrack[];
  readonly glossary: readonly { readonly heard: string; readonly written: string }[];
  readonly favour: readonly string[];
  readonly isTranscriptPublished: boolean;
}

/** The captions of a seed. Pure. */
export function readCaptions({ captions }: { readonly captions?: Captions }): DeclaredCaptions {
  const { tracks = [], glossary = [], favour = [], transcript } = captions ?? {};
  return {
    tracks: tracks.map(({ language, name, source, from }) => ({ language, name, source, from })),
    glossary,
    favour,
    isTranscriptPublished: transcript === "published",
  };
}
