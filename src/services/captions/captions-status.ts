import { createServer, type Server } from "node:http";
import type { SoundCounts } from "./segment-sound.ts";
import type { SpeechFigures } from "./speech-client.ts";
import type { TrackFigures } from "./track-figures.ts";
import type { TranslationFigures } from "./translation-source.ts";

/** A track for an operator. */
export interface TrackStatus extends TrackFigures {
  readonly language: string;
  readonly name: string;
  /** As the stage file has it: `speech`, `interpreter`, `translation` or `push`. */
  readonly source: string;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly fault?: string | undefined;
  readonly speech?: SpeechFigures | undefined;
  /** Where its text goes to be translated. */
  readonly goesTo?: string | undefined;
  readonly translation?: TranslationFigures | undefined;
}

/** The captions of a stage for an operator: what `/status` answers as JSON. */
export interface CaptionsStatus {
  readonly onAir: boolean;
  readonly session?: string | undefined;
  readonly trailSegments: number;
  readonly tracks: readonly TrackStatus[];
  readonly sound: SoundCounts;
  /** Faults that the service outlasts, by kind, and why each of them lasts. */
  readonly faults: Readonly<Record<string, { readonly count: number; readonly reason?: string | undefined }>>;
}

const asJson = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" };
const asText = { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" };
const forPrometheus = { "Content-Type": "text/plain; version=0.0.4", "Cache-Control": "no-store" };
const limits = { requestTimeout: 5000, headersTimeout: 5000 };

/** A server for the machine's root: `/status` and `/metrics`. */
export const statusServer = (status: () => CaptionsStatus): Server =>
  createServer(limits, ({ method, url }, response) => {
    const answers: Readonly<Record<string, () => [Readonly<Record<string, string>>, string]>> = {
      "/status": () => [asJson, `${JSON.stringify(status())}\n`],
      "/metrics": () => [forPrometheus, metricsText(status())],
    };
    const answer = answers[url ?? ""];
    const isRead = method === "GET" || method === "HEAD";
    const [headers, text] = !isRead
      ? [{ ...asText, Allow: "GET, HEAD" }, "Only GET and HEAD\n"]
      : (answer?.() ?? [asText, "There are /status and /metrics\n"]);
    response.writeHead(!isRead ? 405 : answer ? 200 : 404, { ...headers, "Content-Length": Buffer.byteLength(text) });
    response.end(method === "HEAD" ? undefined : text);
  });

type PerTrack = (track: TrackStatus) => number | undefined;

const trackMetrics: readonly (readonly [type: "counter" | "gauge", name: string, help: string, value: PerTrack])[] = [
  ["gauge", "track_ready", "1 while players are offered the track.", ({ ready }) => (ready ? 1 : 0)],
  ["counter", "words_total", "Words in captions.", ({ words }) => words],
  ["counter", "late_words_total", "Words that came after their segment's deadline.", ({ lateWords }) => lateWords],
  ["counter", "segments_total", "Segments with captions, also empty ones.", ({ segments }) => segments],
  [
    "counter",
    "late_segments_total",
    "Segments whose captions came after players could ask for them.",
    ({ lateSegments }) => lateSegments,
  ],
  ["gauge", "commit_seconds_p50", "Median time from a segment to its captions.", ({ commitSeconds: { p50 } }) => p50],
  ["gauge", "commit_seconds_p95", "Time from a segment to its captions.", ({ commitSeconds: { p95 } }) => p95],
  ["gauge", "word_seconds_p50", "Median time from a word to its caption.", ({ wordSeconds: { p50 } }) => p50],
  ["gauge", "word_seconds_p95", "Time from a word to its caption.", ({ wordSeconds: { p95 } }) => p95],
  ["gauge", "speech_lag_seconds", "Sound that the speech server has not answered.", ({ speech }) => speech?.lagSeconds],
  [
    "counter",
    "speech_dropped_seconds_total",
    "Sound that no speech server heard.",
    ({ speech }) => speech?.droppedSeconds,
  ],
  [
    "gauge",
    "speech_real_time_factor",
    "The speech server's work for a second of sound.",
    ({ speech }) => speech?.realTimeFactor,
  ],
  ["counter", "speech_reconnects_total", "Losses of the speech server.", ({ speech }) => speech?.reconnects],
];

/** The status in Prometheus' text format. */
export function metricsText(status: CaptionsStatus): string {
  const { onAir, trailSegments, tracks, sound, faults } = status;
  const perTrack = trackMetrics.map(([type, name, help, value]) => {
    const rows = tracks.map((track) => [track.language, value(track)] as const);
    const known = rows.filter(([, number]) => number !== undefined);
    return metric(
      ...([type, name, help] as const),
      known.map(([language, number]) => `{language="${language}"} ${number}`),
    );
  });
  const kinds = Object.entries(faults);
  return [
    metric("gauge", "on_air", "1 while a stream runs.", [` ${onAir ? 1 : 0}`]),
    metric("gauge", "trail_segments", "Segments by which captions follow the picture.", [` ${trailSegments}`]),
    ...perTrack,
    metric("counter", "sound_padded_seconds_total", "Silence where sound was missing.", [` ${sound.paddedSeconds}`]),
    metric("counter", "sound_cut_seconds_total", "Sound that had no place.", [` ${sound.cutSeconds}`]),
    metric(
      ...(["counter", "faults_total", "Faults during which captions went on."] as const),
      kinds.map(([kind, { count }]) => `{kind="${kind}"} ${count}`),
    ),
    metric(
      ...(["gauge", "faulty", "1 while such a fault lasts."] as const),
      kinds.map(([kind, { reason }]) => `{kind="${kind}"} ${reason === undefined ? 0 : 1}`),
    ),
  ].join("");
}

function metric(type: "counter" | "gauge", ending: string, help: string, values: readonly string[]): string {
  const name = `lectern_captions_${ending}`;
  return [`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`, ...values.map((value) => `${name}${value}\n`)].join("");
}
