import { spawn } from "node:child_process";
import { once } from "node:events";
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
  /** A folder for V8's processor profile; undefined for none. */
  readonly profile?: string | undefined;
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
  const { url, caFile, tokenFile, viewers, rampSeconds, seconds, profile, signal } = options;
  const [node = "", ...words] = lecternCommand(
    ...["rehearse", "--url", url, "--ca", caFile, "--token-file", tokenFile, "--viewers", `${viewers}`],
    ...["--ramp", `${rampSeconds}`, "--duration", `${seconds}`, "--page", "0", "--json"],
  );
  const flags = profile === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profile];
  const running = spawn(node, [...flags, ...words], { stdio: ["ignore", "pipe", "inherit"], signal });
  const report = Promise.all([text(running.stdout), once(running, "close")]).then(([said, [code]]) => {
    if (said === "") throw new Error(`the rehearsal ended with ${code} and without a report`);
    return JSON.parse(said) as RehearsalReport;
  });
  report.catch(() => {});
  return { pid: running.pid ?? Number.NaN, report };
}
