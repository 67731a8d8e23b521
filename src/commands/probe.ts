import { paint } from "../lib/colour.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readDoor, readPort, readResolve, readSeconds } from "../lib/option-values.ts";
import { step } from "../lib/progress.mjs";
import { streamNeeds } from "../media/camera-needs.ts";
import { declaredRenditions } from "../media/declared-renditions.ts";
import { type ProbeOptions, probe } from "../probe/probe.ts";
import { edgeLines, probeEdge } from "../probe/probe-edge.ts";
import { namedHosts } from "../probe/probe-page.ts";
import { checklistLines, summaryLine, verdictLines } from "../probe/probe-text.ts";
import { viewersPasswordOf } from "../viewer/viewer-credentials.ts";
import { examples, type Verb } from "./verb.ts";

interface ProbeCommandOptions {
  readonly url?: string;
  readonly edge?: string;
  readonly seed?: string;
  readonly ca?: string;
  readonly resolve?: readonly string[];
  readonly deadline: string;
  readonly httpPort?: string;
  readonly closed?: readonly string[];
  readonly chat?: true;
  readonly anyPicture?: true;
  readonly viewerPasswordFile?: string;
  readonly maxLatency: string;
  readonly json?: true;
}

const hour = 3600;

/** `lectern probe`: a viewer with a checklist. */
export const verb: Verb<ProbeCommandOptions> = {
  configure(command) {
    command
      .option("--url <url>", "the stage's page: https://host")
      .option("--edge <url>", "check only whether this edge or CDN, https://host, may stand before a live stage")
      .option("--seed <file>", "a seed (.json) or a stage file (.yaml); the stage must have exactly its renditions")
      .option("--ca <file>", "a certificate authority (PEM) to trust in addition")
      .option("--resolve <host:port:address...>", "connect to this address for that host and port")
      .option("--deadline <seconds>", "how long to wait for the stream", "30")
      .option("--http-port <port>", "where plain HTTP redirects to HTTPS (default: 80 if HTTPS is on 443)")
      .option("--closed <host:port...>", "must be closed from here, such as Owncast's own port")
      .option("--chat", "send a chat message that everybody sees, and wait until it comes back")
      .option("--any-picture", "the stream is not from `lectern publish`: judge nothing by the clock")
      .option("--viewer-password-file <file>", "the viewers' password of a private stage; strangers must get nothing")
      .option("--max-latency <seconds>", "how far the video may be behind the camera", "60")
      .option("--json", "print the report as JSON")
      .addHelpText(
        "after",
        `\nChecks TLS and redirect, the page and what it loads, the chat, and what must be closed. Of every rendition it checks the newest\nsegment and the next one: headers, size, frame rate, bitrate, sound and its level, keyframes, whether browsers can play it, whether\nsegments come as fast as they play, and the clock of \`lectern publish\`. It compares the renditions and names each check that\nit skips. With --edge it needs a live stream: it asks for playlists during three segments, loads a segment twice, and one that does\nnot exist. Exit code 0: all is well; 2: a check found a fault; 69: the server cannot be reached.\n${examples(
          "lectern probe --url https://live.example.org --seed main.yaml --chat --closed live.example.org:8080",
          "lectern probe --edge https://tokyo.example.org",
          "lectern probe --url https://live.test --resolve live.test:443:127.0.0.1 --ca root.crt --json",
        )}`,
      );
  },
  async run(_, options) {
    const { url } = options;
    if (options.edge !== undefined) return runEdge(options.edge, options);
    if (url === undefined)
      throw new CliError(
        ExitCode.usage,
        "missing: the stage's page or an edge",
        "use --url https://host or --edge https://host",
      );
    const probeOptions = await readOptions(url, options);
    const report = await step(`checking ${url} as a viewer`, (note: (text: string) => void) =>
      probe({ ...probeOptions, onProgress: note }),
    );
    const lines = [...checklistLines(report), "", ...verdictLines(report)].map(coloured);
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else process.stdout.write(`${[...lines, summaryLine(report)].join("\n")}\n`);
    return report.faults.length === 0 ? ExitCode.done : ExitCode.differs;
  },
};

async function runEdge(edge: string, { url, ca, resolve, json }: ProbeCommandOptions): Promise<ExitCode> {
  if (url !== undefined) throw new CliError(ExitCode.usage, "--url and --edge exclude each other", "use one of them");
  const address = URL.canParse(edge) ? new URL(edge) : undefined;
  if (!address || !/^https?:$/.test(address.protocol) || address.pathname !== "/" || address.search !== "")
    throw new CliError(ExitCode.usage, `--edge ${edge}: expected an address such as https://tokyo.example.org`);
  const options = { edge: address.origin, caFile: ca, resolve: (resolve ?? []).map(readResolve) };
  const report = await step(`checking the edge ${address.origin}`, (note: (text: string) => void) =>
    probeEdge({ ...options, onProgress: note }),
  );
  const faults = report.checks.filter(({ outcome }) => outcome === "failed").length;
  const verdict = `${report.playlists} playlists, ${faults} ${faults === 1 ? "fault" : "faults"}`;
  const lines = [...edgeLines(report).map(coloured), "", verdict];
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `${lines.join("\n")}\n`);
  return faults === 0 ? ExitCode.done : ExitCode.differs;
}

async function readOptions(url: string, options: ProbeCommandOptions): Promise<ProbeOptions> {
  const { chat, anyPicture } = options;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliError(ExitCode.usage, `--url ${url}: expected an address such as https://live.example.org`);
  const plain = {
    ...{ url, caFile: options.ca, chat: chat === true, anyPicture: anyPicture === true },
    deadlineSeconds: readSeconds("--deadline", options.deadline, hour),
    maxLatencySeconds: readSeconds("--max-latency", options.maxLatency, hour),
    resolve: (options.resolve ?? []).map(readResolve),
    closed: (options.closed ?? []).map(readDoor),
    httpPort: options.httpPort === undefined ? undefined : readPort("--http-port", options.httpPort),
  };
  const viewerPassword = await viewersPasswordOf(options.viewerPasswordFile);
  return { ...plain, viewerPassword, ...(await declaredIn(options.seed)) };
}

/** The parts of a seed that a viewer can check. Without a ladder in the seed, there are no renditions. */
async function declaredIn(
  file: string | undefined,
): Promise<Pick<ProbeOptions, "renditions" | "undeclared" | "needs" | "namedHosts" | "chatEnabled">> {
  if (file === undefined) return {};
  const { loadSeed } = await import("../../codegen/load/load-seed.ts");
  const seed = await loadSeed(file);
  const { video = {}, chat } = seed;
  return {
    renditions: declaredRenditions(video.ladder),
    undeclared: "the seed has no video.ladder",
    // Without video.latency in the seed, the server may have any level.
    needs: { ...streamNeeds(video), ...(video.latency === undefined && { segmentSeconds: undefined }) },
    namedHosts: namedHosts(seed),
    chatEnabled: chat?.enabled,
  };
}

/** The line with its mark in colour. */
const coloured = (line: string): string => {
  const [mark = ""] = line;
  return paint(mark, mark) + line.slice(mark.length);
};
