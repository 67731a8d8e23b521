import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { lecternCommand } from "../../checks/lib/process/lectern-command.ts";
import type { RehearsalReport } from "../../src/rehearse/rehearsal-report.ts";

export interface CrowdOptions {
  readonly url: string;
  /** The certificate of Caddy's authority. */
  readonly caFile: string;
  readonly tokenFile: string;
  readonly viewers: number;
  readonly rampSeconds: number;
  /** How long it runs, with the ramp. */
  readonly seconds: number;
  /** The only processor that it uses; undefined for any. */
  readonly processor?: number;
  /** A folder for V8's processor profile and the report page; undefined for none. */
  readonly kept?: string | undefined;
  readonly signal: AbortSignal;
}

/** `lectern rehearse` in a process of its own. */
export interface Crowd {
  readonly pid: number;
  /** Rejects if it ends without a report. */
  readonly report: Promise<RehearsalReport>;
}

/** Starts it without loads of the page. It ends after its time, or when `signal` aborts. */
export function startCrowd(options: CrowdOptions): Crowd {
  const { url, caFile, tokenFile, viewers, rampSeconds, seconds, processor, kept, signal } = options;
  const [node = "", ...words] = lecternCommand(
    ...["rehearse", "--url", url, "--ca", caFile, "--token-file", tokenFile, "--viewers", `${viewers}`],
    ...["--ramp", `${rampSeconds}`, "--duration", `${seconds}`, "--page", "0", "--json"],
  );
  const flags = kept === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", kept];
  if (kept !== undefined) words.push("--report", join(kept, "rehearsal.html"));
  const pinned = processor === undefined ? [] : ["taskset", "-c", `${processor}`];
  const [program = "", ...rest] = [...pinned, node, ...flags, ...words];
  const running = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"], signal });
  const report = Promise.all([text(running.stdout), once(running, "close")]).then(([said, [code]]) => {
    if (said === "") throw new Error(`the rehearsal ended with ${code} and without a report`);
    return JSON.parse(said) as RehearsalReport;
  });
  report.catch(() => {});
  return { pid: running.pid ?? Number.NaN, report };
}
