import { type SpawnOptions, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess } from "../lib/child-process.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { get } from "../viewer/http-client.ts";

/** Something that runs as long as a stage does. If it ends by itself, `died` rejects. */
export interface Part {
  readonly name: string;
  /** Its process, if it is a program. */
  readonly pid?: number | undefined;
  /** Never resolves; rejects with a CliError that names the part, with the last lines of its log. */
  readonly died: Promise<never>;
  /** TERM, and KILL after 3 s; resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface PartOptions extends Pick<SpawnOptions, "cwd" | "env"> {
  /** Its name for people: `Owncast`, `Caddy`. */
  readonly name: string;
  /** The file for its output. */
  readonly logFile: string;
}

const shownLines = 12;

/** Starts a program. */
export function startPart(
  [command = "", ...args]: readonly string[],
  { name, logFile, ...options }: PartOptions,
): Part {
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(command, args, { ...options, stdio: ["ignore", log, log] });
  closeSync(log);
  let stopping = false;
  const died = new Promise<never>((_, reject) => {
    const fail = (how: string) => {
      if (!stopping) reject(new CliError(ExitCode.failed, `${name} ${how}; its last lines:\n${lastLines(logFile)}`));
    };
    child.once("error", (error) => fail(`cannot be started: ${error.message}`));
    child.once("exit", (code, signal) => fail(`ended by itself (${signal ?? `exit ${code}`})`));
  });
  died.catch(() => {});
  return {
    name,
    pid: child.pid,
    died,
    async stop() {
      stopping = true;
      await endProcess(child);
    },
  };
}

/** The end of a log file, indented, for an error message. */
export function lastLines(logFile: string): string {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n");
  return lines
    .slice(-shownLines)
    .map((line) => `  ${line}`)
    .join("\n");
}

const answersWithinMs = 30_000;

/** Resolves when the address answers 200. Throws CliError (1) after 30 s. */
export async function untilAnswers(url: string, caPath?: string): Promise<void> {
  const until = performance.now() + answersWithinMs;
  for (;;) {
    const response = await get(url, caPath === undefined ? {} : { caFile: caPath }).catch(() => undefined);
    if (response?.status === 200) return;
    if (performance.now() > until) throw new CliError(ExitCode.failed, `${url} does not answer`);
    await sleep(50);
  }
}
