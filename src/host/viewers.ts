import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { codeOf, reasonOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import { openSession } from "../owncast/apply/session.ts";
import { readGate } from "./gate-client.ts";
import type { HostStage } from "./installed-stages.ts";
import { type PageReports, readPageReports } from "./page-reports.ts";
import { readStream } from "./running-stream.ts";
import { faultOf, type StatusFault } from "./stage-status.ts";
import { stageTarget } from "./stage-target.ts";
import { type Connection, parseConnections } from "./viewer-connections.ts";
import { judgeLines, type ViewerLines } from "./viewer-lines.ts";

/** What a stage's server and its pages tell of its viewers. */
export interface StageViewers {
  readonly name: string;
  readonly isLive: boolean;
  /** As Owncast counts them, also those over HTTP/3 or behind a proxy. */
  readonly counted: number;
  /** The bitrates of what is on air. A passthrough rendition has the camera's, if the gate knows it. */
  readonly renditionsKbps: readonly number[];
  /** Undefined if Owncast has none yet. */
  readonly pages: PageReports | undefined;
}

/** The viewers of a host. */
export interface HostViewers {
  /** Whether a program of this host answers HTTP/3: such viewers have no TCP connection. */
  readonly http3: boolean;
  readonly lines: ViewerLines;
  readonly stages: readonly StageViewers[];
  /** Stages of which a part could not be read. `lectern status` names the same faults. */
  readonly faults: readonly (StatusFault & { readonly stage: string })[];
}

/** Time between two looks: two segments of the longest usual length. */
export const lookSeconds = 10;
const port = 443;
const ssSeconds = 10;
const mostOutputBytes = 2 ** 26;

/**
 * Looks twice at the TCP connections of this host's web server, and asks each stage's server. Changes nothing. Throws CliError 1 if
 * `ss` is missing or fails, or if `signal` aborts.
 */
export async function readViewers(
  stages: readonly HostStage[],
  deadline: string,
  { signal, seconds = lookSeconds }: { readonly signal: AbortSignal; readonly seconds?: number },
): Promise<HostViewers> {
  const first = await look(signal);
  const [asked, http3, second] = await Promise.all([
    Promise.all(stages.map((stage) => readStage(stage, deadline))),
    ss(["-uanHO", `sport = :${port}`], signal).then((text) => text.trim() !== ""),
    sleep(seconds * 1000, undefined, { signal }).then(
      () => look(signal),
      () => stopped(),
    ),
  ]);
  const known = asked.flatMap((one) => ("fault" in one ? [] : [one]));
  const between = (second.at - first.at) / 1000;
  const renditions = known.flatMap(({ renditionsKbps }) => renditionsKbps);
  return {
    http3,
    lines: judgeLines(first.connections, second.connections, between, renditions),
    stages: known,
    faults: asked.flatMap((one) => ("fault" in one ? [{ stage: one.name, ...one.fault }] : [])),
  };
}

async function look(signal: AbortSignal): Promise<{ at: number; connections: Connection[] }> {
  const text = await ss(["-tinHO", "state", "established", `sport = :${port}`], signal);
  return { at: performance.now(), connections: parseConnections(text) };
}

async function ss(args: readonly string[], signal: AbortSignal): Promise<string> {
  const options = { timeout: ssSeconds * 1000, maxBuffer: mostOutputBytes, signal };
  const { stdout } = await promisify(execFile)("ss", args, options).catch((error: unknown) => {
    if (signal.aborted) return stopped();
    const isMissing = codeOf(error) === "ENOENT";
    throw new CliError(
      ExitCode.failed,
      isMissing ? "ss was not found" : `ss failed (${reasonOf(error)})`,
      isMissing ? "install iproute2" : `try it yourself: ss ${args.join(" ")}`,
    );
  });
  return stdout;
}

function stopped(): never {
  throw new CliError(ExitCode.failed, "stopped");
}

async function readStage(
  stage: HostStage,
  deadline: string,
): Promise<StageViewers | { readonly name: string; readonly fault: StatusFault }> {
  const { name, gateStatusSocket } = stage;
  try {
    const { client } = await openSession(await stageTarget(stage, deadline));
    const { live, broadcast } = await readStream(client);
    const gate =
      gateStatusSocket === undefined
        ? undefined
        : await readGate(gateStatusSocket, readSeconds("--deadline", deadline)).catch(() => undefined);
    const cameras = Object.values(gate?.inputs ?? {}).flatMap(({ publisher }) => publisher?.kbps ?? []);
    const isLive = live.state === "live";
    const renditionsKbps = isLive ? bitratesOf(broadcast?.outputSettings ?? [], Math.max(0, ...cameras)) : [];
    return { name, isLive, counted: live.viewers, renditionsKbps, pages: await readPageReports(client) };
  } catch (error) {
    return { name, fault: faultOf(error) };
  }
}

const rendition = z.looseObject({ videoPassthrough: z.boolean(), videoBitrate: z.number() });

/** The bitrates of renditions as Owncast lists them, in kbit/s. Leaves out those that it does not know. Pure. */
export const bitratesOf = (outputSettings: readonly unknown[], cameraKbps: number): number[] =>
  outputSettings.flatMap((one) => {
    const { data } = rendition.safeParse(one);
    // Owncast gives the encoder 192 kbit/s less than this, which sound and container then need.
    const kbps = data?.videoPassthrough ? cameraKbps : (data?.videoBitrate ?? 0);
    return kbps > 0 ? [Math.round(kbps)] : [];
  });
