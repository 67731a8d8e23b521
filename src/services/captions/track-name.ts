import { baseOf } from "./cue-text.ts";

/** Whose words a track shows: a person's captions, a machine's, or a machine's translation. */
export type Automatic = boolean | "translation";

export interface TrackNameParts {
  readonly language: string;
  /** As the stage file names the track; by default the language's own name. */
  readonly name?: string | undefined;
  readonly automatic: Automatic;
}

const mostLetters = 60;

/** The labels of automatic captions and of automatic translations. */
const labels: Readonly<Record<string, readonly [captions: string, translation: string]>> = {
  en: ["automatic", "automatic translation"],
  fr: ["automatique", "traduction automatique"],
  de: ["automatisch", "automatische Übersetzung"],
  es: ["automático", "traducción automática"],
  it: ["automatico", "traduzione automatica"],
  pt: ["automático", "tradução automática"],
  nl: ["automatisch", "automatische vertaling"],
  ar: ["تلقائي", "ترجمة تلقائية"],
  he: ["אוטומטי", "תרגום אוטומטי"],
  fa: ["خودکار", "ترجمهٔ خودکار"],
  ja: ["自動", "自動翻訳"],
  ko: ["자동", "자동 번역"],
  zh: ["自动", "自动翻译"],
  "zh-Hant": ["自動", "自動翻譯"],
  ru: ["автоматически", "автоматический перевод"],
  uk: ["автоматично", "автоматичний переклад"],
  pl: ["automatyczne", "tłumaczenie automatyczne"],
  tr: ["otomatik", "otomatik çeviri"],
  sv: ["automatiskt", "automatisk översättning"],
  cs: ["automatické", "automatický překlad"],
};

/**
 * A track's name in the player's menu, in the track's own language: `Français (automatique)`. Without quotes and control characters,
 * which would end it in a playlist, and at most 100 characters long.
 */
export function trackName({ language, name, automatic }: TrackNameParts): string {
  const shown = plain(name ?? "") || ownName(language);
  if (automatic === false) return shown;
  const [captions, translation] = labelsOf(language);
  return `${shown} (${automatic === "translation" ? translation : captions})`;
}

function labelsOf(language: string): readonly [string, string] {
  const own = localeOf(language)?.maximize().script === "Hant" ? "zh-Hant" : baseOf(language);
  return labels[own] ?? labels.en!;
}

/** What the language calls itself, as a title. For a language that nobody knows, its code. */
function ownName(language: string): string {
  const locale = localeOf(language);
  if (!locale) return plain(language);
  const own = new Intl.DisplayNames([language, "en"], { type: "language" }).of(language) ?? language;
  return own === language ? plain(language) : plain(titled(own, locale)) || language;
}

/** Names of languages are lower case in many languages; in a menu they begin like a title. Georgian's large letters are for headlines only. */
function titled(text: string, locale: Intl.Locale): string {
  const [first = ""] = text;
  if (!/[\p{sc=Latn}\p{sc=Cyrl}\p{sc=Grek}\p{sc=Armn}]/u.test(first)) return text;
  return first.toLocaleUpperCase(locale.toString()) + text.slice(first.length);
}

function localeOf(language: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(language);
  } catch {
    return undefined;
  }
}

const plain = (text: string): string =>
  Array.from(text.replace(/\p{Cs}/gu, "").replace(/[\p{Cc}\u2028\u2029"\u202A-\u202E\u2066-\u2069]+/gu, " "))
    .slice(0, mostLetters)
    .join("")
    .replace(/\s+/g, " ")
    .trim();
