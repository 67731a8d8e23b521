// A program of its own: the first process of the demo's PID and network namespaces. When it ends, all its processes end.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { codeOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { sayRequests } from "../lib/requests.ts";
import { type DemoRun, runDemo } from "./demo.ts";
import type { InnerMessage, OuterMessage } from "./outside.ts";
import { carryTo } from "./ports.ts";

const stop = new AbortController();
let folder: string | undefined;

process.on("message", (message: OuterMessage, server?: Server) => {
  if ("stop" in message) stop.abort();
  else if ("port" in message) server?.on("connection", (outside: Socket) => carryTo(message.port, outside));
  else void main(message);
});
process.once("disconnect", () => {
  // The outer process was killed and cannot clean up. Kill all writers first, or they would create the folder again:
  // for the first process of a PID namespace, -1 means all others in it.
  if (process.pid === 1) killOthers();
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  process.exit(ExitCode.failed);
});

function killOthers(): void {
  try {
    process.kill(-1, "SIGKILL");
  } catch (error) {
    // There is none yet.
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

async function main(run: DemoRun): Promise<void> {
  folder = run.folder;
  if (run.verbose) sayRequests();
  const code = await (isLoopbackUp() ? runDemo(run, stop.signal, () => tell({ up: true })) : noNetwork()).catch(failed);
  tell({ endsWith: code }, () => process.exit(code));
}

const isLoopbackUp = (): boolean =>
  spawnSync("ip", ["link", "set", "lo", "up"], { stdio: ["ignore", "ignore", "inherit"] }).status === 0;

const noNetwork = (): Promise<never> =>
  Promise.reject(
    new CliError(
      ExitCode.failed,
      "the private network could not be made",
      "see the line above; it needs iproute2's `ip`",
    ),
  );

function failed(error: unknown): ExitCode {
  if (stop.signal.aborted) return ExitCode.failed;
  if (!(error instanceof CliError)) {
    process.stderr.write(`lectern demo: ${(error as Error).stack}\n`);
    return ExitCode.failed;
  }
  process.stderr.write(`lectern demo: ${error.message}${error.remedy ? `\n  → ${error.remedy}` : ""}\n`);
  return error.exitCode;
}

function tell(message: InnerMessage, told: () => void = () => {}): void {
  process.send?.(message, told);
}
