import { ConfigError } from "../../codegen/load/problem.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import { type Plan, planIn } from "../owncast/apply/apply.ts";
import { openSession, type Session, type Target } from "../owncast/apply/session.ts";
import type { OwncastClient } from "../owncast/client/client.ts";
import type { StorageState } from "../storage/newest-segment.ts";
import { type CameraState, isCameraWell, readCamera } from "./camera-health.ts";
import { type CaptionsState, readCaptionsState } from "./captions-client.ts";
import { areCaptionsWell } from "./captions-text.ts";
import { type CertificateState, isCertificateWell, readCertificate } from "./certificate.ts";
import { type GateState, readGate } from "./gate-client.ts";
import type { HostStage } from "./installed-stages.ts";
import { type LiveState, readStream, untold, type Waiting, waitingChanges } from "./running-stream.ts";
import { readStageStorage } from "./stage-storage.ts";
import { stageTarget } from "./stage-target.ts";
import { readSteering, type SteeringState } from "./steer-client.ts";
import { readUnits, type UnitState } from "./units.ts";

/** The stream of a stage whose server responds, and how its settings compare with the seed. */
export interface OnAir extends LiveState {
  readonly title: string;
  /** Settings whose value on the server differs from the seed's, dotted, each once. */
  readonly drift: readonly string[];
  /** Changes that the running stream does not have yet. */
  readonly waiting: readonly Waiting[];
  /** Settings for which Owncast does not report whether the running stream has them. */
  readonly untold: readonly string[];
}

/** Why a part of a stage could not be read. */
export interface StatusFault {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly remedy?: string;
}

/** The present state of a stage of this host. */
export interface StageStatus {
  readonly name: string;
  readonly domain: string;
  /** Undefined where systemd does not run. */
  readonly units: readonly UnitState[] | undefined;
  readonly certificate: CertificateState;
  /** Undefined if the server could not be read: `fault` says why. */
  readonly onAir: OnAir | undefined;
  readonly fault: StatusFault | undefined;
  /** The gate's state, or why it could not be read; undefined on a host older than the gate. */
  readonly gate: GateState | { readonly fault: StatusFault } | undefined;
  /** The state of the stage's edges, or why it could not be read; undefined for a stage without edges. */
  readonly edges?: SteeringState | { readonly fault: StatusFault } | undefined;
  /** The state of the stage's captions, or why it could not be read; undefined for a stage without captions. */
  readonly captions?: CaptionsState | { readonly fault: StatusFault } | undefined;
  /** The camera's health, as far as gate and encoder report it. */
  readonly camera?: CameraState | undefined;
  /** What viewers find in the object storage; undefined while nobody is live, and without object storage. */
  readonly storage?: StorageState | undefined;
}

/** Reads a stage and changes nothing. What cannot be read is part of the result. Rejects only for faults in Lectern itself. */
export async function readStatus(stage: HostStage, deadline: string): Promise<StageStatus> {
  const { name, domain } = stage;
  const [units, certificate, { gate, now }, edges, captions] = await Promise.all([
    readUnits(stage),
    readCertificate(domain),
    // The gate counts seconds back from its response: so the time of the response is kept, however long a busy server takes.
    readGateOf(stage, deadline).then((found) => ({ gate: found, now: Date.now() })),
    readEdgesOf(stage, deadline),
    readCaptionsOf(stage, deadline),
  ]);
  const seen = { name, domain, units, certificate, gate, ...(edges && { edges }), ...(captions && { captions }) };
  const cameraFor = (client: OwncastClient | undefined) =>
    readCamera(gate && "listening" in gate ? gate : undefined, { hlsDir: stage.hlsDir, client, now });
  try {
    const target = await stageTarget(stage, deadline);
    const session = await openSession(target);
    const { onAir, storage } = await readOnAir(target, session);
    return { ...seen, onAir, storage, fault: undefined, camera: await cameraFor(session.client) };
  } catch (error) {
    return { ...seen, onAir: undefined, fault: faultOf(error), camera: await cameraFor(undefined) };
  }
}

async function readGateOf({ gateStatusSocket }: HostStage, deadline: string): Promise<StageStatus["gate"]> {
  if (gateStatusSocket === undefined) return undefined;
  try {
    return await readGate(gateStatusSocket, readSeconds("--deadline", deadline));
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

async function readEdgesOf({ steerSocket }: HostStage, deadline: string): Promise<StageStatus["edges"]> {
  if (steerSocket === undefined) return undefined;
  try {
    return await readSteering(steerSocket, readSeconds("--deadline", deadline));
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

async function readCaptionsOf({ captionsStatus }: HostStage, deadline: string): Promise<StageStatus["captions"]> {
  if (captionsStatus === undefined) return undefined;
  try {
    return await readCaptionsState(captionsStatus, readSeconds("--deadline", deadline));
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

async function readOnAir(target: Target, session: Session): Promise<Pick<StageStatus, "storage"> & { onAir: OnAir }> {
  const plan = await planIn(session, target);
  const { live, title, broadcast } = await readStream(session.client);
  const onAir = {
    ...live,
    title,
    drift: driftOf(plan),
    waiting: waitingChanges(broadcast, session.config),
    untold: broadcast ? untold(target.seed) : [],
  };
  return { onAir, storage: await readStageStorage(target, { live, broadcast }) };
}

const driftOf = ({ changes, resources, passwordChange }: Plan): string[] => [
  ...new Set([
    ...[...changes, ...resources].map(({ path }) => path),
    ...(passwordChange ? ["access.adminPassword"] : []),
  ]),
];

/** Why a part of a stage could not be read. Throws faults in Lectern itself again. */
export function faultOf(error: unknown): StatusFault {
  if (error instanceof ConfigError) return { exitCode: ExitCode.badInput, message: error.message };
  if (!(error instanceof CliError)) throw error;
  const { exitCode, message, remedy } = error;
  return { exitCode, message, ...(remedy !== undefined && { remedy }) };
}

const byWeight: readonly ExitCode[] = [ExitCode.unreachable, ExitCode.refused, ExitCode.badInput, ExitCode.failed];

/** One exit code for all stages: a stage that could not be read counts more than one that differs. */
export function statusExitCode(all: readonly StageStatus[], now = Date.now()): ExitCode {
  const codes = all.flatMap(({ fault, gate, edges, captions }) =>
    [fault, ...[gate, edges, captions].map((part) => (part && "fault" in part ? part.fault : undefined))].flatMap(
      (one) => (one ? [one.exitCode] : []),
    ),
  );
  const worst = byWeight.find((code) => codes.includes(code)) ?? codes[0];
  if (worst !== undefined) return worst;
  const isWell = ({ onAir, units = [], certificate, gate, camera, edges, captions, storage }: StageStatus) =>
    onAir?.drift.length === 0 &&
    storage?.finding === undefined &&
    units.every((one) => one.isWell) &&
    isCertificateWell(certificate, now) &&
    !(gate && "listening" in gate && !gate.listening) &&
    !(edges && "edges" in edges && edges.edges.some(({ state }) => state === "down")) &&
    (captions === undefined || "fault" in captions || areCaptionsWell(captions)) &&
    isCameraWell(camera);
  return all.every(isWell) ? ExitCode.done : ExitCode.differs;
}
