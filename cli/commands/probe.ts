import { CliError, ExitCode } from "../errors.ts";
import { declaredRenditions } from "../media/declared-renditions.ts";
import { readResolve, readSeconds } from "../media/option-values.ts";
import { probe } from "../media/probe.ts";
import type { DeclaredRendition } from "../media/probe-report.ts";
import { summaryLine, verdictLines } from "../media/probe-text.ts";
import { step } from "../progress.mjs";
import { examples, type Verb } from "../verb.ts";

interface ProbeCommandOptions {
  readonly url: string;
  readonly seed?: string;
  readonly ca?: string;
  readonly resolve?: readonly string[];
  readonly deadline: string;
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
      .option("--json", "print the report as JSON")
      .addHelpText(
        "after",
        `\nFor every rendition: the newest segment and the one after it decode at the right size, show the clock of\n\`lectern publish\`, running and at most a minute from this machine's. Exits 0 when all is well, 2 when a check\nfound a fault, 69 when the server is not reached.\n${examples(
          "lectern probe --url https://live.example.org --seed main.yaml",
          "lectern probe --url https://live.test --resolve live.test:443:127.0.0.1 --ca root.crt --json",
        )}`,
      );
  },
  async run(_, options) {
    const { url } = options;
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new CliError(ExitCode.usage, `--url ${url}: expected an address such as https://live.example.org`);
    const deadlineSeconds = readSeconds("--deadline", options.deadline, hour);
    const resolve = (options.resolve ?? []).map(readResolve);
    const renditions = await declaredIn(options.seed);
    const report = await step(`looking at ${url} as a viewer`, (note: (text: string) => void) =>
      probe({ url, renditions, caFile: options.ca, resolve, deadlineSeconds, onProgress: note }),
    );
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else process.stdout.write(`${[...verdictLines(report).map(coloured), summaryLine(report)].join("\n")}\n`);
    return report.faults.length === 0 ? ExitCode.done : ExitCode.differs;
  },
};

/** The ladder in a seed; undefined without a seed or without a ladder in it. */
async function declaredIn(file: string | undefined): Promise<readonly DeclaredRendition[] | undefined> {
  if (file === undefined) return undefined;
  const { loadSeed } = await import("../../codegen/load/load-seed.ts");
  const { video } = await loadSeed(file);
  const declared = declaredRenditions(video?.ladder);
  if (!declared) {
    const why = video?.ladder ? "a passthrough rendition is of the camera's size" : "no video.ladder";
    process.stderr.write(`${file}: ${why}: what the master playlist names is checked\n`);
  }
  return declared;
}

const colours: Readonly<Record<string, string>> = { "✓": "\x1b[32m", "✗": "\x1b[31m" };

/** The line with its mark in colour, on a terminal. */
function coloured(line: string): string {
  const [mark = ""] = line;
  return process.stdout.isTTY ? `${colours[mark] ?? ""}${mark}\x1b[0m${line.slice(mark.length)}` : line;
}
