import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { languagePattern } from "../lib/captions-tracks.ts";
import { paint } from "../lib/colour.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { isLoopback } from "../lib/loopback.ts";
import { readResolve } from "../lib/option-values.ts";
import { readSecretFile, SecretFault } from "../lib/secret-file.ts";
import { askedToEnd, readerGone } from "../lib/signals.ts";
import { makeHttpClient } from "../viewer/http-client.ts";
import { CaptionerSession, type LinesResult } from "./captioner-session.ts";
import { examples, type Verb } from "./verb.ts";

interface CaptionerCommandOptions {
  readonly url: string;
  readonly language: string;
  readonly tokenFile: string;
  readonly ca?: string;
  readonly resolve?: readonly string[];
  readonly json?: true;
}

const presenceMs = 20_000;
const mostWaitingLines = 100;
const worthTellingSeconds = 3;

/** `lectern captioner`: what a person writes becomes captions. */
export const verb: Verb<CaptionerCommandOptions> = {
  configure(command) {
    command
      .requiredOption("--url <url>", "the stage's page: https://host")
      .requiredOption("--language <code>", "the track's language, as in the stage file")
      .requiredOption(
        "--token-file <file>",
        "a file with the captioner's token: the stage's secret captions-token-LANGUAGE",
      )
      .option("--ca <file>", "a certificate authority (PEM) to trust in addition")
      .option("--resolve <host:port:address...>", "connect to this address for that host and port")
      .option("--json", "print what became of the lines as JSON, one object a line")
      .addHelpText(
        "after",
        `\nReads lines from standard input and shows each as a caption, as soon as it is ended. Players offer the track while this command\nruns. Lines that come faster than people can read wait for each other. If the connection is lost, the command tries again; text\nthat is 30 s old by then is not shown. It ends with the input, or by Ctrl-C. Exit code 69: the server cannot be reached; 77: the\ntoken is wrong.\n${examples(
          "lectern captioner --url https://live.example.org --language de --token-file captions-token-de",
          "my-steno-program | lectern captioner --url https://live.example.org --language de --token-file captions-token-de",
        )}`,
      );
  },
  async run(_, { url, language, tokenFile, ca, resolve, json = false }) {
    checkUrl(url);
    if (!new RegExp(`^${languagePattern}$`).test(language))
      throw new CliError(ExitCode.usage, `--language ${language}: expected a language's code, such as de or pt-BR`);
    const token = await tokenIn(tokenFile);
    const signal = AbortSignal.any([askedToEnd(), readerGone()]);
    const client = await makeHttpClient({
      caFile: ca,
      resolve: (resolve ?? []).map(readResolve),
      maxBodyBytes: 65_536,
    });
    const onState = (line: string) => void process.stderr.write(`${line}\n`);
    const onResult = (result: LinesResult) =>
      void process.stdout.write(json ? `${JSON.stringify(result)}\n` : textOf(result));
    const session = new CaptionerSession({ client, url, language, token, signal, onState, onResult });
    try {
      const isLive = await session.open();
      onState(
        isLive
          ? "connected: the stage is on air"
          : "connected: the stage is off air, and keeps no text until it is on air",
      );
      await caption(session, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      client.close();
    }
    return ExitCode.done;
  },
};

/** Sends standard input line by line until it ends. */
async function caption(session: CaptionerSession, signal: AbortSignal): Promise<void> {
  const waiting: string[] = [];
  const input = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  let isOver = false;
  let wake = () => {};
  input.on("line", (line) => {
    if (line.trim() !== "") waiting.push(line);
    if (waiting.length >= mostWaitingLines) input.pause();
    wake();
  });
  input.once("close", () => {
    isOver = true;
    wake();
  });
  const end = () => input.close();
  signal.addEventListener("abort", end, { once: true });
  try {
    while (!signal.aborted) {
      if (waiting.length > 0) await session.send(waiting.splice(0));
      else if (isOver) return;
      else await idle(session, signal, new Promise<void>((resolve) => (wake = resolve)));
      if (!isOver) input.resume();
    }
  } finally {
    signal.removeEventListener("abort", end);
    input.close();
    process.stdin.destroy();
  }
}

/** Waits for the next line; meanwhile the track stays on offer. */
async function idle(session: CaptionerSession, signal: AbortSignal, woken: Promise<void>): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const isTime = await Promise.race([
    woken.then(() => false),
    sleep(presenceMs, true, { signal: either }).catch(() => false),
  ]);
  over.abort();
  if (isTime && !signal.aborted) await session.stayOpen();
}

function textOf({ lines, shown, waitingSeconds = 0, reason }: LinesResult): string {
  const mark = shown ? paint("✓", "✓") : paint("✗", "✗");
  const wait =
    shown && waitingSeconds >= worthTellingSeconds ? ` (${Math.round(waitingSeconds)} s of text wait to be read)` : "";
  const why = shown ? wait : ` (not shown: ${reason})`;
  return lines.map((line, at) => `${mark} ${printable(line)}${at === lines.length - 1 ? why : ""}\n`).join("");
}

const printable = (line: string): string => line.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf} ]/gu, "·");

function checkUrl(url: string): void {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const isPlain = address?.pathname === "/" && address.search === "" && address.hash === "";
  if (!address || !isPlain || !/^https?:$/.test(address.protocol))
    throw new CliError(ExitCode.usage, `--url ${url}: expected an address such as https://live.example.org`);
  if (address.protocol === "http:" && !isLoopback(address.hostname))
    throw new CliError(ExitCode.usage, `--url ${url}: the token would travel unencrypted`, "use https://");
}

const tokenIn = (file: string): Promise<string> =>
  readSecretFile(file).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    throw new CliError(
      ExitCode.badInput,
      `${file}: ${error.message}`,
      "give --token-file a copy of the stage's secret captions-token-LANGUAGE",
    );
  });
