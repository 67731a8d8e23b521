import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../src/lib/free-port.ts";

/** A demo as a person starts it. A mark makes all its processes and files traceable. */
export interface DemoProcess {
  readonly child: ChildProcess;
  readonly ports: { readonly https: number; readonly rtmp: number; readonly admin: number };
  /** The folder for its own files. */
  readonly folder: string;
  stdout(): string;
  stderr(): string;
  /** Resolves when stderr holds the text; rejects if the demo ends first. */
  says(text: string): Promise<void>;
  /** Resolves to the exit code and signal. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** The present folders of its runs. */
  runFolders(): string[];
  /** Live processes of this demo, as `pid command`. */
  processes(): string[];
  /** Ends it in any state, and removes its folder. */
  dispose(): Promise<void>;
}

/** Runs TypeScript as `npm start` does: with this Node, and tsx, which takes some seconds of processor time. */
export const asNpmStart: readonly string[] = [process.execPath, "--import", "tsx"];

/** Starts a demo; `run` runs TypeScript, as the first words of a command line. */
export async function startDemo(
  args: readonly string[],
  ports?: DemoProcess["ports"],
  environment: NodeJS.ProcessEnv = {},
  run = asNpmStart,
): Promise<DemoProcess> {
  const mark = `LECTERN_TEST_MARK=${randomUUID()}`;
  const folder = mkdtempSync(join(tmpdir(), "lectern-e2e-"));
  const used = ports ?? { https: await freePort(), rtmp: await freePort(), admin: await freePort() };
  const portFlags = Object.entries(used).flatMap(([name, port]) => [`--${name}-port`, `${port}`]);
  const [program = "", ...words] = run;
  const child = spawn(program, [...words, "src/main.ts", "demo", ...portFlags, ...args], {
    env: {
      ...process.env,
      ...{ TMPDIR: folder, XDG_DATA_HOME: folder, XDG_CACHE_HOME: folder },
      LECTERN_TEST_MARK: mark.split("=")[1],
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
  const processes = () => processesMarked(mark, folder);
  return {
    child,
    ports: used,
    folder,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    async says(text) {
      for (;;) {
        if (output.stderr.includes(text) || output.stdout.includes(text)) return;
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`the demo ended before it said "${text}":\n${output.stderr}`);
        await sleep(10);
      }
    },
    ended,
    runFolders: () => [folder, join(folder, "lectern/run")].flatMap(runFoldersIn),
    processes,
    async dispose() {
      child.kill("SIGKILL");
      await ended;
      await eventually(() => processes().length === 0);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** In the cache folder, or beside it: inside a user namespace the cache folder may seem to belong to another user. */
function runFoldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.startsWith("lectern-demo-"));
  return names.map((name) => join(folder, name));
}

/**
 * All processes in /proc that a demo started: their environment holds the mark, or their command line a path in the demo's
 * folder. Owncast starts its encoder with an empty environment.
 */
function processesMarked(mark: string, folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark) && !command.includes(folder)) return [];
        // A zombie holds only its process id.
        if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return [];
        return [`${pid} ${command}`];
      } catch {
        return [];
      }
    });
}

/** Waits until a condition is true, long enough for a busy machine; resolves to false after the time-out. */
export async function eventually(holds: () => boolean): Promise<boolean> {
  for (const until = performance.now() + 60_000; performance.now() < until; await sleep(50)) if (holds()) return true;
  return holds();
}
