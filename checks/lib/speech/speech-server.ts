import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The speech server's process. */
export interface SpeechServer {
  readonly pid: number;
  /** For a websocket client. */
  readonly url: string;
  /** Its log so far. */
  log(): string;
  /** The most memory that it has used, in MB. */
  peakMegabytes(): number;
  /** Asks it to end; resolves to its exit code. */
  end(signal?: "SIGTERM" | "SIGINT"): Promise<number | null>;
}

/** How a server ended that did not start. */
export interface FailedStart {
  readonly code: number | null;
  readonly log: string;
}

const program = join(import.meta.dirname, "../../../speech");
const anyPort = "127.0.0.1:0";
// Loading a model from a cold disk.
const startSeconds = 60;

/** Starts the server with these arguments, by default on a free port. Rejects if it ends at once. */
export const startSpeechServer = (...args: readonly string[]): Promise<SpeechServer> =>
  startSpeechProgram(program, ...args);

/** Starts another Python program that serves like the speech server, such as one with a fault. */
export async function startSpeechProgram(path: string, ...args: readonly string[]): Promise<SpeechServer> {
  const outcome = await tryProgram(path, args);
  if ("url" in outcome) return outcome;
  throw new Error(`the speech server ended with ${outcome.code}: ${outcome.log}`);
}

/** Starts the server; resolves when it listens, or when it has ended. */
export const tryToStart = (...args: readonly string[]): Promise<SpeechServer | FailedStart> =>
  tryProgram(program, args);

async function tryProgram(path: string, args: readonly string[]): Promise<SpeechServer | FailedStart> {
  const where = args.includes("--listen") ? [] : ["--listen", anyPort];
  const child = spawn(process.env.SPEECH ?? "python3", ["-B", path, ...args, ...where], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const listens = new Promise<string>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      const [, address] = / listens on (\S+)\n/.exec(log) ?? [];
      if (address) resolve(address);
    });
  });
  const guard = setTimeout(() => child.kill("SIGKILL"), startSeconds * 1000);
  const address = await Promise.race([listens, ended.then(() => undefined)]);
  clearTimeout(guard);
  if (!address) return { code: await ended, log };
  return {
    pid: child.pid ?? 0,
    url: address.startsWith("unix:") ? `ws+unix://${address.slice("unix:".length)}:/` : `ws://${address}/`,
    log: () => log,
    peakMegabytes: () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) / 1024,
    async end(signal = "SIGTERM") {
      child.kill(signal);
      const hangGuard = setTimeout(() => child.kill("SIGKILL"), 20_000);
      const code = await ended;
      clearTimeout(hangGuard);
      return code;
    },
  };
}

/** The folder of the English Moonshine model that the set-up brings; undefined without it. */
export function moonshineModel(): string | undefined {
  const library = join(dirname(process.env.SPEECH ?? ""), "../lib");
  const pythons = process.env.SPEECH && existsSync(library) ? readdirSync(library) : [];
  return pythons
    .map((python) => join(library, python, "site-packages/moonshine_voice/assets/tiny-en"))
    .find((folder) => existsSync(folder));
}

/** The server's arguments for each engine that the set-up brings, for English. */
export const englishEngines = (): readonly { readonly engine: string; readonly args: readonly string[] }[] => {
  const moonshine = moonshineModel();
  return [
    { engine: "pocketsphinx", args: ["--engine", "pocketsphinx", "--language", "en"] },
    ...(moonshine
      ? [{ engine: "sherpa-onnx", args: ["--engine", "sherpa-onnx", "--language", "en", "--model", moonshine] }]
      : []),
  ];
};
