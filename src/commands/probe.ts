import { paint } from "../lib/colour.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readDoor, readPort, readResolve, readSeconds } from "../lib/option-values.ts";
import { step } from "../lib/progress.mjs";
import { SecretFault } from "../lib/secret-file.ts";
import { streamNeeds } from "../media/camera-needs.ts";
import { declaredRenditions } from "../media/declared-renditions.ts";
import { type ProbeOptions, probe } from "../probe/probe.ts";
import { namedHosts } from "../probe/probe-page.ts";
import { checklistLines, summaryLine, verdictLines } from "../probe/probe-text.ts";
import { readViewersPassword } from "../viewer/viewer-credentials.ts";
import { examples, type Verb } from "./verb.ts";

interface ProbeCommandOptions {
  readonly url: string;
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
      .requiredOption("--url <url>", "the stage's page: https://host")
      .option("--seed <file>", "a seed (.json) or a stage file (.yaml): exactly its renditions must be there")
      .option("--ca <file>", "a certificate authority to trust besides the well-known ones (PEM)")
      .option("--resolve <host:port:address...>", "connect to this address for that host and port")
      .option("--deadline <seconds>", "how long the stream may take to come up", "30")
      .option("--http-port <port>", "where plain http leads to https (default: 80 when https is on 443)")
      .option("--closed <host:port...>", "must not be reached from here, such as Owncast's own port")
      .option("--chat", "say something in the chat, where everybody sees it, and wait until it comes back")
      .option("--any-picture", "the picture is not the one of `lectern publish`: nothing is judged by its clock")
      .option("--viewer-password-file <file>", "the viewers' password of a private stage; strangers must be kept out")
      .option("--max-latency <seconds>", "how far behind the camera the picture may be", "60")
      .option("--json", "print the report as JSON")
      .addHelpText(
        "after",
        `\nGoes through a checklist: TLS and redirect, the page and what it loads, the chat, what must be closed; for every rendition\nthe newest segment and the one after it: headers, size, frames per second, bitrate, sound and its level, keyframes, what browsers\nplay, whether segments come as fast as they play, and the clock of \`lectern publish\`, running and recent. Renditions are compared\nwith each other. What is not checked is said. Exits 0 when all is well, 2 when a check found a fault,\n69 when the server is not reached.\n${examples(
          "lectern probe --url https://live.example.org --seed main.yaml --chat --closed live.example.org:8080",
          "lectern probe --url https://live.test --resolve live.test:443:127.0.0.1 --ca root.crt --json",
        )}`,
      );
  },
  async run(_, options) {
    const { url } = options;
    const look = await readOptions(options);
    const report = await step(`looking at ${url} as a viewer`, (note: (text: string) => void) =>
      probe({ ...look, onProgress: note }),
    );
    const lines = [...checklistLines(report), "", ...verdictLines(report)].map(coloured);
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else process.stdout.write(`${[...lines, summaryLine(report)].join("\n")}\n`);
    return report.faults.length === 0 ? ExitCode.done : ExitCode.differs;
  },
};

async function readOptions(options: ProbeCommandOptions): Promise<ProbeOptions> {
  const { url, chat, anyPicture } = options;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliError(ExitCode.usage, `--url ${url}: expected an address such as https://live.example.org`);
  const look = {
    ...{ url, caFile: options.ca, chat: chat === true, anyPicture: anyPicture === true },
    deadlineSeconds: readSeconds("--deadline", options.deadline, hour),
    maxLatencySeconds: readSeconds("--max-latency", options.maxLatency, hour),
    resolve: (options.resolve ?? []).map(readResolve),
    closed: (options.closed ?? []).map(readDoor),
    httpPort: options.httpPort === undefined ? undefined : readPort("--http-port", options.httpPort),
  };
  const viewerPassword = await passwordIn(options.viewerPasswordFile);
  return { ...look, viewerPassword, ...(await declaredIn(options.seed)) };
}

async function passwordIn(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return readViewersPassword(file).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    throw new CliError(
      ExitCode.badInput,
      `${file}: ${error.message}`,
      "give --viewer-password-file the file that viewers.password.file names on the host, or a copy",
    );
  });
}

/** What a seed declares that a viewer can see; nothing without a seed, no renditions without a ladder in it. */
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
    // Of a level that the seed leaves out nobody knows here what the server has.
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
