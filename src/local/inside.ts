// A program of its own: the first process of the demo's PID namespace. When it ends, so does everything it started.
import { rmSync } from "node:fs";
import { CliError, ExitCode } from "../lib/errors.ts";
import { sayRequests } from "../lib/requests.ts";
import type { DemoMessage, DemoRun } from "./run.ts";
import { runStage } from "./stage-run.ts";

const run = JSON.parse(process.argv[2] ?? "") as DemoRun;
if (run.verbose) sayRequests();
const stop = new AbortController();
process.on("message", (message) => message === "stop" && stop.abort());
process.once("disconnect", () => {
  // The outer process was killed and cannot clean up any more. What still writes would make the folder anew:
  // to the first process of a PID namespace, -1 is everything else in it.
  if (process.pid === 1) process.kill(-1, "SIGKILL");
  rmSync(run.dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  process.exit(ExitCode.failed);
});

const code = await runStage(run, stop.signal, () => process.send?.({ up: true } satisfies DemoMessage)).catch(
  (error: unknown) => {
    if (stop.signal.aborted) return ExitCode.failed;
    const remedy = error instanceof CliError && error.remedy ? `\n  → ${error.remedy}` : "";
    process.stderr.write(
      `lectern demo: ${error instanceof CliError ? error.message : (error as Error).stack}${remedy}\n`,
    );
    return error instanceof CliError ? error.exitCode : ExitCode.failed;
  },
);
process.send?.({ endsWith: code } satisfies DemoMessage, () => process.exit(code));
