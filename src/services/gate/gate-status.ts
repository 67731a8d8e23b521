import { createServer, type Server } from "node:http";
import type { SoundState } from "./interpreter.ts";
import type { StreamCheckState } from "./stream-check.ts";

/** A connection that publishes. */
export interface ConnectionStatus {
  /** The key's comment, else its secret's name. */
  readonly key: string;
  readonly address: string;
  readonly sinceSeconds: number;
  readonly silentSeconds: number;
  readonly kbps: number;
}

/** The publisher of an input. */
export interface PublisherStatus extends ConnectionStatus {
  /** Its stream, with the faults. In JSON, a level of null is digital silence; values that were not measured are left out. */
  readonly stream: StreamCheckState;
}

/** The end of a stream. */
export interface EndStatus {
  readonly key: string;
  readonly address: string;
  readonly secondsAgo: number;
  readonly onAirSeconds: number;
  /** As in `refused`; `camera`: its camera ended it. */
  readonly reason: string;
  readonly says: string;
  readonly remedy: string | undefined;
}

/** The state of an input. */
export interface InputStatus {
  readonly publisher: PublisherStatus | null;
  readonly waiting: number;
  /** The last stream that was on air and is over. */
  readonly lastEnd: EndStatus | null;
}

/** The state of a language that has an interpreter's key. */
export interface InterpreterStatus {
  readonly publisher: (ConnectionStatus & { readonly sound: SoundState }) | null;
  readonly waiting: number;
  /** The last interpreter that was on air and has gone. */
  readonly lastEnd: EndStatus | null;
}

/** The gate's state. It never holds a key. */
export interface GateStatus {
  /** False while another program still holds the port. */
  readonly listening: boolean;
  readonly inputs: Readonly<Record<string, InputStatus>>;
  /** By language. */
  readonly interpreters: Readonly<Record<string, InterpreterStatus>>;
  /** Cameras that were refused or ended, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

const asJson = "application/json; charset=utf-8";
const asText = "text/plain; charset=utf-8";
const forPrometheus = "text/plain; version=0.0.4";

/** A server for `/status` and `/metrics`. `status` gets whether a person may be looking: then it measures more often. */
export const statusServer = (status: (isWatched: boolean) => GateStatus): Server =>
  createServer({ requestTimeout: 5000, headersTimeout: 5000 }, ({ method, url }, response) => {
    const answer = (code: number, type: string, text: string, headers = {}) => {
      const length = Buffer.byteLength(text);
      response.writeHead(code, {
        "Content-Type": type,
        "Cache-Control": "no-store",
        "Content-Length": length,
        ...headers,
      });
      response.end(method === "HEAD" ? undefined : text);
    };
    if (method !== "GET" && method !== "HEAD")
      return answer(405, asText, "Only GET and HEAD\n", { Allow: "GET, HEAD" });
    if (url === "/status") return answer(200, asJson, `${JSON.stringify(status(true))}\n`);
    if (url === "/metrics") return answer(200, forPrometheus, metricsText(status(false)));
    answer(404, asText, "There are /status and /metrics\n");
  });

const prometheusNumber = (value: number): string => (value === Number.NEGATIVE_INFINITY ? "-Inf" : `${value}`);

/** The gate's state in Prometheus' text format. */
export function metricsText({ listening, inputs, interpreters, refused }: GateStatus): string {
  const perInput = (value: (input: GateStatus["inputs"][string]) => number) =>
    Object.entries(inputs).map(([name, input]): [string, number] => [`{input="${name}"}`, value(input)]);
  const perFact = (value: (state: StreamCheckState) => number | undefined) =>
    Object.entries(inputs).flatMap(([name, { publisher }]): [string, number][] => {
      const known = publisher ? value(publisher.stream) : undefined;
      return known === undefined ? [] : [[`{input="${name}"}`, known]];
    });
  const perInterpreter = (value: (interpreter: InterpreterStatus) => number) =>
    Object.entries(interpreters).map(([language, one]): [string, number] => [`{language="${language}"}`, value(one)]);
  const families: readonly [name: string, type: string, help: string, values: readonly [string, number][]][] = [
    ["listening", "gauge", "1 while cameras can connect.", [["", listening ? 1 : 0]]],
    ["on_air", "gauge", "1 while a publisher sends.", perInput(({ publisher }) => (publisher ? 1 : 0))],
    ["waiting", "gauge", "Publishers that wait for an input.", perInput(({ waiting }) => waiting)],
    ["kbps", "gauge", "What the publisher sends, in kbit/s.", perInput(({ publisher }) => publisher?.kbps ?? 0)],
    [
      "silent_seconds",
      "gauge",
      "For how long the publisher has sent no media.",
      perInput(({ publisher }) => publisher?.silentSeconds ?? 0),
    ],
    ["video_kbps", "gauge", "Of the publisher's video.", perFact(({ facts }) => facts.videoKbps)],
    ["audio_kbps", "gauge", "Of the publisher's sound.", perFact(({ facts }) => facts.audioKbps)],
    ["frames_per_second", "gauge", "Frames that the publisher sends.", perFact(({ facts }) => facts.fps)],
    [
      "keyframe_seconds",
      "gauge",
      "The longest of the last intervals between keyframes.",
      perFact(({ facts }) => facts.keyframeSeconds?.longest),
    ],
    [
      "sound_peak_dbfs",
      "gauge",
      "The last sample's loudest moment; -Inf is digital silence.",
      perFact(({ levelDbfs }) => levelDbfs),
    ],
    [
      "finding",
      "gauge",
      "1 for each fault that the publisher's stream has now.",
      Object.entries(inputs).flatMap(([name, { publisher }]) =>
        (publisher?.stream.findings ?? []).map(({ id, severity }): [string, number] => [
          `{input="${name}",finding="${id}",severity="${severity}"}`,
          1,
        ]),
      ),
    ],
    [
      "interpreter_on_air",
      "gauge",
      "1 while an interpreter sends.",
      perInterpreter(({ publisher }) => (publisher ? 1 : 0)),
    ],
    [
      "interpreter_flowing",
      "gauge",
      "1 while the captions service takes an interpreter's sound.",
      perInterpreter(({ publisher }) => (publisher?.sound.flowing ? 1 : 0)),
    ],
    [
      "interpreter_dropped_seconds",
      "gauge",
      "Sound of the interpreter on air that the captions service did not get.",
      perInterpreter(({ publisher }) => publisher?.sound.droppedSeconds ?? 0),
    ],
    [
      "refused_total",
      "counter",
      "Cameras that were refused or ended, by reason.",
      Object.entries(refused).map(([reason, count]): [string, number] => [`{reason="${reason}"}`, count]),
    ],
  ];
  const lines = families.flatMap(([name, type, help, values]) => [
    `# HELP lectern_gate_${name} ${help}`,
    `# TYPE lectern_gate_${name} ${type}`,
    ...values.map(([labels, value]) => `lectern_gate_${name}${labels} ${prometheusNumber(value)}`),
  ]);
  return `${lines.join("\n")}\n`;
}
