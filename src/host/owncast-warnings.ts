import { z } from "zod";
import { oneLine } from "../../codegen/load/printable.ts";
import { judgeStream } from "../media/stream-health.ts";
import type { OwncastClient } from "../owncast/client/client.ts";

const warnings = z.array(z.looseObject({ time: z.string(), message: z.string() }));

/** Why Owncast ended a stream. */
export interface OwncastExplanation {
  /** In Lectern's words, if it knows the warning. */
  readonly means?: { readonly says: string; readonly remedy: string } | undefined;
  /** Owncast's own warnings, the clearest first. Without addresses: they may hold a password or a token. */
  readonly quotes: readonly string[];
}

const mostQuotes = 2;
const mostQuoteCharacters = 200;

/** Explains Owncast's warnings between two times, in ms since the epoch. Throws CliError as the client does. */
export async function explainWarnings(
  client: OwncastClient,
  fromMs: number,
  untilMs: number,
): Promise<OwncastExplanation> {
  const all = await client.read("/api/admin/logs/warnings", warnings);
  const within = all.filter(({ time }) => Date.parse(time) >= fromMs && Date.parse(time) <= untilMs);
  return explain(within.map(({ message }) => message));
}

const without = (missing: "videoCodec" | "audioCodec") =>
  judgeStream({ [missing]: null }, { hasPassthrough: false })[0];

const meanings: readonly (readonly [RegExp, () => OwncastExplanation["means"]])[] = [
  [/no video included|v:0' matches no streams/, () => without("videoCodec")],
  [
    /Unable to map stream at a:|a:0' matches no streams|Codec AVOption b .* has not been used/,
    () => without("audioCodec"),
  ],
  [
    /va-?api|VA display|renderD\d+|qsv|QuickSync|nvenc|NVIDIA|cuda|omx|v4l2|libmfx|MFX/i,
    () => ({
      says: "Owncast's encoder does not work on this machine: it lacks the device, its driver, or an ffmpeg that knows it",
      remedy: "set video.codec to libx264, or see docs/nixos.md for what the encoder needs",
    }),
  ],
  [
    /No space left on device/i,
    () => ({ says: "the disk is full: Owncast cannot write its segments", remedy: "make room: `df -h` says where" }),
  ],
];

/** The explanation of Owncast's warnings. Pure. */
export function explain(messages: readonly string[]): OwncastExplanation {
  const [pattern, meaning] = meanings.find(([known]) => messages.some((message) => known.test(message))) ?? [];
  const means = meaning?.();
  const causes = messages.filter((message) => !consequences.test(message));
  // A busy encoder prints many warnings before it ends: the one that is understood comes first.
  const telling = causes.filter((message) => pattern?.test(message));
  const quotes = [...new Set([...telling, ...causes].map(quotable))].slice(0, mostQuotes);
  return { means: means && { says: means.says, remedy: means.remedy }, quotes };
}

// Owncast prints these for every encoder that ends, for any cause.
const consequences = /^(unable to write rtmp packet|transcoding error\. look at)/;

const quotable = (message: string): string =>
  oneLine(
    message
      .replace(/^(\[[^\]]*\] *)+/, "")
      .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, "(an address)")
      .slice(0, mostQuoteCharacters),
  );
