import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { CliError, ExitCode } from "../lib/errors.ts";
import { findCauses } from "./find-causes.ts";
import { lateness, startFarSide } from "./link.ts";
import type { Link } from "./link-option.ts";
import type { FarLines, RehearsalReport } from "./rehearsal-report.ts";
import { verdictOf } from "./verdict.ts";

/** A rehearsal by viewers far away. */
export interface FarRehearsal {
  readonly link: Link;
  /** The stage's page. */
  readonly url: string;
  /**
   * The command line of a rehearsal that prints its report as JSON and connects to this address for the stage's host and port.
   * Its messages go to this process's stderr.
   */
  readonly command: (nearAddress: string) => readonly string[];
  /** Ends the rehearsal; its report is made all the same. */
  readonly signal: AbortSignal;
}

/**
 * Rehearses a stage of this machine by viewers in a network of their own, each at the other end of a line. Resolves to the report,
 * or to the exit code of a rehearsal that has ended without one and has said why. Throws CliError: 1 if this machine cannot lay
 * lines, 69 if the stage is not here.
 */
export async function rehearseFromAfar({
  link,
  url,
  command,
  signal,
}: FarRehearsal): Promise<RehearsalReport | ExitCode> {
  ensureRoot();
  const far = await startFarSide({ ...link, perConnection: true, changesNear: false });
  // Ends the lines if anything fails before they are read.
  let isOver = false;
  try {
    await ensureHere(far.nearAddress, portOf(url), signal);
    const { code, report } = await run(far.enter(command(far.nearAddress)), signal);
    isOver = true;
    const did = await far.end();
    if (report === undefined) return code;
    return withLines(report, { asked: link, congestionControl: congestionControl(), did });
  } finally {
    if (!isOver) await far.end();
  }
}

/** The report of a rehearsal over such lines. If they were not as asked for, it judges nothing. */
export function withLines(report: RehearsalReport, lines: FarLines): RehearsalReport {
  const { checks, earlyEnd } = report;
  const late = lateness(lines.did);
  const spoiltBy = [
    ...report.machine.spoiltBy,
    ...(late === undefined ? [] : [`its lines were not as asked for: ${late}`]),
  ];
  return {
    ...report,
    lines,
    machine: { ...report.machine, spoiltBy },
    causes: findCauses({ ...report, lines, http3Offer: report.plan.http3Offer }),
    verdict: verdictOf(checks, { earlyEnd, spoiltBy }),
  };
}

const portOf = (url: string): number => Number(new URL(url).port || 443);

function ensureRoot(): void {
  if (process.platform !== "linux")
    throw new CliError(
      ExitCode.failed,
      "--link works on Linux only: it needs network namespaces",
      "run it on the stage's own machine, or rehearse without --link",
    );
  if (process.getuid?.() !== 0)
    throw new CliError(
      ExitCode.failed,
      "--link needs root's rights: it makes a network for the viewers",
      "run it with sudo on the stage's own machine",
    );
}

const connectMs = 5000;

/** Throws CliError 69 if no server of this machine answers there. */
async function ensureHere(address: string, port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ host: address, port, signal });
  socket.setTimeout(connectMs, () => socket.destroy(new Error("no answer")));
  try {
    await once(socket, "connect");
  } catch {
    if (signal.aborted) throw interruptedEarly();
    throw new CliError(
      ExitCode.unreachable,
      `nothing answers on port ${port} of this machine (at ${address}, the near end of the lines)`,
      "--link works only on the stage's own machine: run it there, while the stage is up and its server listens on all addresses",
    );
  } finally {
    socket.destroy();
  }
}

const interruptedEarly = () => new CliError(ExitCode.failed, "the rehearsal was interrupted before it began");

interface Ended {
  readonly code: ExitCode;
  /** Undefined if it ended without one. */
  readonly report: RehearsalReport | undefined;
}

/** Runs the rehearsal itself. It ends with this process, too. */
async function run(command: readonly string[], signal: AbortSignal): Promise<Ended> {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", ...command], { stdio: ["ignore", "pipe", "inherit"] });
  const interrupt = () => void child.kill("SIGINT");
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "close") as Promise<[number | null]>]);
    // It had not begun to listen to signals.
    if (code === null && signal.aborted) throw interruptedEarly();
    if (code === null) throw new CliError(ExitCode.failed, "the process of the viewers far away was killed");
    return { code: code as ExitCode, report: printed === "" ? undefined : (JSON.parse(printed) as RehearsalReport) };
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}

/** What this machine's kernel does for connections that choose none themselves. */
function congestionControl(): string | undefined {
  try {
    return readFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "utf8").trim();
  } catch {
    return undefined;
  }
}
