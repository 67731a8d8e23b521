import { z } from "zod";
import { ConfigError } from "../../codegen/load/problem.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import type { Target } from "../owncast/apply/apply.ts";
import { openSession, type Session } from "../owncast/apply/session.ts";
import type { OwncastClient } from "../owncast/client/client.ts";
import { readAs } from "../owncast/client/response-shape.ts";
import { planResources, type ResourcePlan } from "../owncast/resources/converge.ts";
import { type CameraState, isCameraWell, readCamera } from "./camera-health.ts";
import { type CertificateState, readCertificate } from "./certificate.ts";
import { isCertificateWell } from "./certificate-text.ts";
import { type GateState, readGate } from "./gate-client.ts";
import type { HostStage } from "./installed-stages.ts";
import { untold, type Waiting, waitingChanges } from "./running-stream.ts";
import { stageTarget } from "./stage-target.ts";
import { readUnits, type UnitState } from "./units.ts";

/** What goes on on a stage that answers. */
export interface OnAir {
  /** `connecting`: a camera is there, and viewers see it in a moment. */
  readonly state: "live" | "connecting" | "offline";
  /** When that began, as an ISO time; null for an offline stage that nobody has published to since its server started. */
  readonly since: string | null;
  readonly viewers: number;
  /** The most at a time, of this stream or of the last one. */
  readonly mostViewers: number;
  readonly title: string;
  /** Settings whose running value is not the seed's, dotted, each once. */
  readonly drift: readonly string[];
  /** Changes that the running stream does not have yet. */
  readonly waiting: readonly Waiting[];
  /** Settings of which Owncast does not tell whether the running stream has them. */
  readonly untold: readonly string[];
}

/** Why something could not be looked at. */
export interface StatusFault {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly remedy?: string;
}

/** A stage of this host as it is now. */
export interface StageStatus {
  readonly name: string;
  readonly domain: string;
  /** Undefined where systemd does not run. */
  readonly units: readonly UnitState[] | undefined;
  readonly certificate: CertificateState;
  /** Undefined when the stage could not be asked: `fault` says why. */
  readonly onAir: OnAir | undefined;
  readonly fault: StatusFault | undefined;
  /** What the gate says, or why it could not be asked; undefined on a host from before the gate. */
  readonly gate: GateState | { readonly fault: StatusFault } | undefined;
  /** What the camera sends and what becomes of it, as far as gate and encoder tell. */
  readonly camera?: CameraState | undefined;
}

/** Looks at a stage and changes nothing. What keeps it from being looked at is part of the answer. Rejects only for faults of our own. */
export async function readStatus(stage: HostStage, deadline: string): Promise<StageStatus> {
  const { name, domain } = stage;
  const [units, certificate, { gate, now }] = await Promise.all([
    readUnits(stage),
    readCertificate(domain),
    // What it says of the past counts from its answer on, however long a busy server takes.
    askGate(stage, deadline).then((answer) => ({ gate: answer, now: Date.now() })),
  ]);
  const seen = { name, domain, units, certificate, gate };
  const cameraFor = (client: OwncastClient | undefined) =>
    readCamera(gate && "listening" in gate ? gate : undefined, { hlsDir: stage.hlsDir, client, now });
  try {
    const target = await stageTarget(stage, deadline);
    const session = await openSession(target);
    const onAir = await askServer(target, session);
    return { ...seen, onAir, fault: undefined, camera: await cameraFor(session.client) };
  } catch (error) {
    return { ...seen, onAir: undefined, fault: faultOf(error), camera: await cameraFor(undefined) };
  }
}

async function askGate({ gateStatusSocket }: HostStage, deadline: string): Promise<StageStatus["gate"]> {
  if (gateStatusSocket === undefined) return undefined;
  try {
    return await readGate(gateStatusSocket, readSeconds("--deadline", deadline));
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

const publicStatus = z.looseObject({
  online: z.boolean(),
  lastConnectTime: z.string().nullable(),
  lastDisconnectTime: z.string().nullable(),
  streamTitle: z.string(),
});

const adminStatus = z.looseObject({
  currentBroadcast: z
    .looseObject({ latencyLevel: z.looseObject({ level: z.number() }), outputSettings: z.array(z.unknown()) })
    .nullable(),
  viewerCount: z.number(),
  sessionPeakViewerCount: z.number(),
});

async function askServer({ seed, assets = new Map(), reveal }: Target, session: Session): Promise<OnAir> {
  const { client } = session;
  const kinds = await planResources(seed, { client, assets, reveal });
  const shown = await readAs(client, "/api/status", publicStatus);
  const status = await readAs(client, "/api/admin/status", adminStatus);
  const { currentBroadcast, viewerCount, sessionPeakViewerCount } = status;
  // Owncast calls a stream online some seconds after the camera connected, when the first segments are there.
  const state = shown.online ? "live" : shown.lastConnectTime === null ? "offline" : "connecting";
  return {
    state,
    since: state === "offline" ? shown.lastDisconnectTime : shown.lastConnectTime,
    viewers: viewerCount,
    mostViewers: sessionPeakViewerCount,
    title: shown.streamTitle,
    drift: driftOf(session, kinds),
    waiting: waitingChanges(currentBroadcast, await client.serverConfig()),
    untold: currentBroadcast ? untold(seed) : [],
  };
}

const driftOf = ({ changes, passwordChange }: Session, kinds: readonly ResourcePlan[]): string[] => [
  ...new Set([
    ...[...changes, ...kinds.flatMap(({ steps }) => steps)].map(({ path }) => path),
    ...(passwordChange ? ["access.adminPassword"] : []),
  ]),
];

/** Why something could not be looked at. Rethrows faults of our own. */
export function faultOf(error: unknown): StatusFault {
  if (error instanceof ConfigError) return { exitCode: ExitCode.badInput, message: error.message };
  if (!(error instanceof CliError)) throw error;
  const { exitCode, message, remedy } = error;
  return { exitCode, message, ...(remedy !== undefined && { remedy }) };
}

const byWeight: readonly ExitCode[] = [ExitCode.unreachable, ExitCode.refused, ExitCode.badInput, ExitCode.failed];

/** One exit code for all: a stage that could not be looked at weighs more than one that differs. */
export function statusExitCode(all: readonly StageStatus[], now = Date.now()): ExitCode {
  const codes = all.flatMap(({ fault, gate }) =>
    [fault, gate && "fault" in gate ? gate.fault : undefined].flatMap((one) => (one ? [one.exitCode] : [])),
  );
  const worst = byWeight.find((code) => codes.includes(code)) ?? codes[0];
  if (worst !== undefined) return worst;
  const isWell = ({ onAir, units = [], certificate, gate, camera }: StageStatus) =>
    onAir?.drift.length === 0 &&
    units.every((one) => one.isWell) &&
    isCertificateWell(certificate, now) &&
    !(gate && "listening" in gate && !gate.listening) &&
    isCameraWell(camera);
  return all.every(isWell) ? ExitCode.done : ExitCode.differs;
}
