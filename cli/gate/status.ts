import { createServer, type Server } from "node:http";

/** Who publishes to an input. */
export interface PublisherStatus {
  /** The key's comment, else its secret's name. */
  readonly key: string;
  readonly address: string;
  readonly sinceSeconds: number;
  readonly silentSeconds: number;
  readonly kbps: number;
}

/** How the gate is doing; no key is ever in it. */
export interface GateStatus {
  /** False while another program still holds the port. */
  readonly listening: boolean;
  readonly inputs: Readonly<Record<string, { readonly publisher: PublisherStatus | null; readonly waiting: number }>>;
  /** Cameras that were refused or ended, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

const asJson = "application/json; charset=utf-8";
const asText = "text/plain; charset=utf-8";
const forPrometheus = "text/plain; version=0.0.4";

/** A server that answers `/status` and `/metrics`. */
export const statusServer = (status: () => GateStatus): Server =>
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
    if (url === "/status") return answer(200, asJson, `${JSON.stringify(status())}\n`);
    if (url === "/metrics") return answer(200, forPrometheus, metricsText(status()));
    answer(404, asText, "There are /status and /metrics\n");
  });

/** How the gate is doing, in Prometheus' text format. */
export function metricsText({ listening, inputs, refused }: GateStatus): string {
  const perInput = (value: (input: GateStatus["inputs"][string]) => number) =>
    Object.entries(inputs).map(([name, input]): [string, number] => [`{input="${name}"}`, value(input)]);
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
    ...values.map(([labels, value]) => `lectern_gate_${name}${labels} ${value}`),
  ]);
  return `${lines.join("\n")}\n`;
}
