import { access, constants } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { paint } from "../lib/colour.ts";
import { fileFault } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readResolve, readSeconds, readWhole } from "../lib/option-values.ts";
import { step } from "../lib/progress.mjs";
import { SecretFault } from "../lib/secret-file.ts";
import { askedToEnd, readerGone } from "../lib/signals.ts";
import { writeWhole } from "../lib/whole-file.ts";
import { browsers } from "../rehearse/browsers.ts";
import { readShares, type Shares } from "../rehearse/choose-rendition.ts";
import { rehearseFromAfar } from "../rehearse/far-rehearsal.ts";
import { readLink } from "../rehearse/link-option.ts";
import type { Limits, RehearsalReport } from "../rehearse/rehearsal-report.ts";
import { rehearsalLines } from "../rehearse/rehearsal-text.ts";
import { type RehearsalOptions, rehearse } from "../rehearse/rehearse.ts";
import { defaultLimits } from "../rehearse/verdict.ts";
import { rehearsalTokenIn } from "../viewer/rehearsal-token.ts";
import { viewersPasswordOf } from "../viewer/viewer-credentials.ts";
import { examples, type Verb } from "./verb.ts";

interface RehearseCommandOptions {
  readonly url: string;
  readonly tokenFile: string;
  readonly viewers: string;
  readonly duration: string;
  readonly ramp?: string;
  readonly split?: string;
  readonly adaptive?: true;
  readonly ca?: string;
  readonly resolve?: readonly string[];
  readonly link?: string;
  readonly viewerPasswordFile?: string;
  readonly encodings: string;
  readonly page: string;
  readonly chat: string;
  readonly maxStart: string;
  readonly maxStalls: string;
  readonly maxRebuffer: string;
  readonly maxSegmentTime: string;
  readonly maxBehind: string;
  readonly maxErrors: string;
  readonly maxTorn: string;
  readonly maxCompressed: string;
  readonly report?: string;
  readonly json?: true;
}

const mostViewers = 20_000;
const day = 24 * 3600;
const longestRampSeconds = 60;
const usualEncodings = "chrome=75,firefox=5,safari=20";
const percent = (share: number): string => `${share * 100}`;

/** `lectern rehearse`: many viewers who measure what they get. */
export const verb: Verb<RehearseCommandOptions> = {
  configure(command) {
    command
      .requiredOption("--url <url>", "the stage's page: https://host")
      .requiredOption("--token-file <file>", "the stage's rehearsal token; without it a stage refuses")
      .requiredOption("--viewers <number>", `how many viewers come, up to ${mostViewers}`)
      .requiredOption("--duration <seconds>", "how long it runs, with the time in which viewers come")
      .option("--ramp <seconds>", "in this time the viewers come (default: a quarter of the duration, at most 60)")
      .option(
        "--split <name=share,...>",
        "who watches what, such as 1080p=70,720p=30 (default: 70, 20, 10 from the best)",
      )
      .option("--adaptive", "each viewer changes renditions by its own throughput, as Owncast's player does")
      .option("--ca <file>", "a certificate authority (PEM) to trust in addition")
      .option("--resolve <host:port:address...>", "connect to this address for that host and port")
      .option(
        "--link <round trip,loss,rate>",
        "each viewer is far away, at the end of such a line; only as root on the stage's own machine",
      )
      .option("--viewer-password-file <file>", "the viewers' password of a private stage")
      .option("--encodings <name=share,...>", "browsers, for what they accept compressed", usualEncodings)
      .option("--page <percent>", "how many of the viewers load the page before the video, as at a first visit", "100")
      .option("--chat <number>", "how many of the viewers join the chat and write where everybody sees it", "0")
      .option("--max-start <seconds>", "limit: time to the first frame (p95)", `${defaultLimits.startSeconds}`)
      .option("--max-stalls <number>", "limit: stalls per viewer-hour", `${defaultLimits.stallsPerViewerHour}`)
      .option("--max-rebuffer <percent>", "limit: stalled part of the time", percent(defaultLimits.rebufferShare))
      .option(
        "--max-segment-time <percent>",
        "limit: a segment's download of its length (p95)",
        percent(defaultLimits.segmentShare),
      )
      .option("--max-behind <seconds>", "limit: distance behind live (p95)", `${defaultLimits.behindSeconds}`)
      .option("--max-errors <percent>", "limit: failed requests", percent(defaultLimits.errorShare))
      .option("--max-torn <percent>", "limit: torn playlists", percent(defaultLimits.tornShare))
      .option(
        "--max-compressed <percent>",
        "limit: segments that the server compresses again",
        percent(defaultLimits.compressedShare),
      )
      .option("--report <file.html>", "write a page with plots, which works offline")
      .option("--json", "print the report as JSON")
      .addHelpText(
        "after",
        `\nEach viewer does what Owncast's page does: it asks for playlists, loads each new segment once into a buffer that can run dry,\nand reports itself, over one HTTP/2 connection. A stage must allow it: set rehearsal.enable on its host, and copy the token.\nIf this machine was too slow for so many viewers, the report says so and judges nothing.\n--link asks whether the stage holds far away: run it on the stage's machine with a few viewers. Each has a line of their own.\nExit code 0: the stage holds; 2: it does not, or it is off the air; 1: no verdict; 69: it cannot be reached; 77: it refuses.\n${examples(
          "lectern rehearse --url https://live.example.org --token-file rehearsal-token --viewers 500 --duration 300",
          "sudo lectern rehearse --url https://live.example.org --token-file rehearsal-token --viewers 20 --duration 60 --link 250ms,1%,20mbit",
          "lectern rehearse --url https://live.test --token-file token --viewers 20 --duration 30 --adaptive --ca root.crt --resolve live.test:443:127.0.0.1 --json",
        )}`,
      );
  },
  async run(_, options) {
    const rehearsal = await readOptions(options);
    if (options.report !== undefined) await checkFolder(options.report);
    const report = await (options.link === undefined ? fromHere(options, rehearsal) : fromAfar(options, options.link));
    if (typeof report === "number") return report;
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else process.stdout.write(`${rehearsalLines(report).map(coloured).join("\n")}\n`);
    if (options.report !== undefined) await writeReport(options.report, report);
    return exitCodeOf(report);
  },
};

const fromHere = ({ url, viewers }: RehearseCommandOptions, rehearsal: RehearsalOptions): Promise<RehearsalReport> =>
  step(`rehearsing ${url} with ${viewers} viewers`, (note: (text: string) => void) =>
    rehearse({ ...rehearsal, signal: askedToEnd(), onProgress: note }),
  );

/** Runs this command again at the other end of the lines. Resolves to its report, or to its exit code if it gave none. */
async function fromAfar(options: RehearseCommandOptions, link: string): Promise<RehearsalReport | ExitCode> {
  const { hostname, port } = new URL(options.url);
  const [, program = ""] = process.argv;
  const ended = await rehearseFromAfar({
    ...{ link: readLink(link), url: options.url, signal: askedToEnd() },
    command: (nearAddress) => {
      const resolve = [`${hostname.replace(/^\[|\]$/g, "")}:${port || 443}:${nearAddress}`];
      const flags = flagsOf({ ...options, link: undefined, report: undefined, json: true, resolve });
      return [process.execPath, ...process.execArgv, program, "rehearse", ...flags];
    },
  });
  if (ended === ExitCode.unreachable || ended === ExitCode.refused)
    process.stderr.write(`  → with --link, viewers reach only this machine: is it the machine of ${options.url}?\n`);
  return ended;
}

/** The options as they stand on a command line. */
export const flagsOf = (options: object): string[] =>
  Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === undefined || value === false) return [];
    if (value === true) return [flag];
    return (Array.isArray(value) ? value : [value]).map((each) => `${flag}=${each}`);
  });

/** Finds out before the rehearsal, not after it. Throws CliError 64. */
async function checkFolder(file: string): Promise<void> {
  const folder = dirname(resolve(file));
  await access(folder, constants.W_OK).catch((error: unknown) => {
    throw new CliError(ExitCode.usage, `--report ${file}: ${folder} cannot be written to: ${fileFault(error)}`);
  });
}

/** Throws CliError 1 if the file cannot be written. */
async function writeReport(file: string, report: RehearsalReport): Promise<void> {
  const { reportPage } = await import("../rehearse/report-page.ts");
  await writeWhole(file, reportPage(report, new Date())).catch((error: unknown) => {
    throw new CliError(ExitCode.failed, `${file} cannot be written: ${fileFault(error)}`, "give --report another file");
  });
}

/** 0 for a stage that holds, 2 for one that does not; without a verdict 1, or why the stage ended it. */
export function exitCodeOf({ verdict, earlyEnd }: Pick<RehearsalReport, "verdict" | "earlyEnd">): ExitCode {
  if (earlyEnd?.kind === "not-allowed") return ExitCode.refused;
  if (earlyEnd?.kind === "unreachable") return ExitCode.unreachable;
  return { passed: ExitCode.done, failed: ExitCode.differs, spoilt: ExitCode.failed, unfinished: ExitCode.failed }[
    verdict
  ];
}

async function readOptions(options: RehearseCommandOptions): Promise<RehearsalOptions> {
  const { url, adaptive, split } = options;
  if (!URL.canParse(url) || new URL(url).protocol !== "https:")
    throw new CliError(ExitCode.usage, `--url ${url}: expected an address such as https://live.example.org`);
  if (options.link !== undefined) readLink(options.link);
  if (options.link !== undefined && options.resolve !== undefined)
    throw new CliError(
      ExitCode.usage,
      "--link and --resolve exclude each other",
      "leave out --resolve: with --link, viewers always connect to this machine",
    );
  if (adaptive && split !== undefined)
    throw new CliError(ExitCode.usage, "--split and --adaptive exclude each other", "give one of them");
  const viewers = readWhole("--viewers", options.viewers, { min: 1, max: mostViewers, unit: "viewers" });
  const durationSeconds = readSeconds("--duration", options.duration, day);
  const rampSeconds =
    options.ramp === undefined
      ? Math.min(longestRampSeconds, durationSeconds / 4)
      : readSeconds("--ramp", options.ramp, durationSeconds);
  // With `| head`, the page is still written and the exit code is the verdict's.
  readerGone();
  return {
    ...{ url, durationSeconds, rampSeconds, adaptive: adaptive === true, caFile: options.ca },
    viewers,
    split: split === undefined ? undefined : readShares("--split", split),
    encodings: readEncodings(options.encodings),
    pageShare: readPercent("--page", options.page),
    chatUsers: readWhole("--chat", options.chat, { min: 0, max: viewers, unit: "viewers" }),
    resolve: (options.resolve ?? []).map(readResolve),
    limits: readLimits(options),
    token: await readToken(options.tokenFile),
    viewerPassword: await viewersPasswordOf(options.viewerPasswordFile),
  };
}

function readEncodings(text: string): Shares {
  const shares = readShares("--encodings", text);
  const unknown = shares.find(({ name }) => !Object.hasOwn(browsers, name));
  if (!unknown) return shares;
  const known = Object.keys(browsers).join(", ");
  throw new CliError(ExitCode.usage, `--encodings: there is no browser ${unknown.name}; there are ${known}`);
}

function readLimits(options: RehearseCommandOptions): Limits {
  const asShare = (option: string, text: string) => readLimit(option, text, "percent") / 100;
  return {
    startSeconds: readLimit("--max-start", options.maxStart, "seconds"),
    stallsPerViewerHour: readLimit("--max-stalls", options.maxStalls, "stalls"),
    rebufferShare: asShare("--max-rebuffer", options.maxRebuffer),
    segmentShare: asShare("--max-segment-time", options.maxSegmentTime),
    behindSeconds: readLimit("--max-behind", options.maxBehind, "seconds"),
    errorShare: asShare("--max-errors", options.maxErrors),
    tornShare: asShare("--max-torn", options.maxTorn),
    compressedShare: asShare("--max-compressed", options.maxCompressed),
  };
}

function readPercent(option: string, text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= 100) return value / 100;
  throw new CliError(ExitCode.usage, `${option} ${text}: expected a percentage from 0 to 100`);
}

const largestLimit = 100_000;

/** 0 is a limit: nothing of it may happen. */
function readLimit(option: string, text: string, unit: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= largestLimit) return value;
  throw new CliError(ExitCode.usage, `${option} ${text}: expected a number of ${unit} from 0 to ${largestLimit}`);
}

/** Throws CliError 65. */
const readToken = (file: string): Promise<string> =>
  rehearsalTokenIn(file).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    throw new CliError(
      ExitCode.badInput,
      `${file}: ${error.message}`,
      "give --token-file the stage's own: on its host, `sudo lectern secrets STAGE` shows the file rehearsal-token",
    );
  });

/** The line with its mark in colour. */
const coloured = (line: string): string => {
  const [mark = ""] = line;
  return paint(mark, mark) + line.slice(mark.length);
};
