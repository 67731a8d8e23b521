import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { encoderSpeed, finishedSegments } from "../media/encoder-speed.ts";
import { slowBelow } from "../media/pace.ts";
import { type HealthFinding, slowEncoder } from "../media/stream-health.ts";
import type { OwncastClient } from "../owncast/client/client.ts";
import type { GateState, StreamEnd } from "./gate-client.ts";
import { explainWarnings, type OwncastExplanation } from "./owncast-warnings.ts";

/** A stream that Owncast or the gate ended. Its camera has not reconnected. */
export interface HangUp extends StreamEnd {
  /** Owncast's own warnings. */
  readonly owncastSays: readonly string[];
}

/** The health of a stage's camera and of its encoder. */
export interface CameraState {
  /** Faults of all streams on air, errors first. */
  readonly findings: readonly HealthFinding[];
  /** Seconds of media that Owncast's encoder makes in one second; undefined until there are enough segments. */
  readonly encoderSpeed: number | undefined;
  readonly hangUp: HangUp | undefined;
}

/** Whether viewers get the camera's stream without errors. True if that is not known. */
export const isCameraWell = (camera: CameraState | undefined): boolean =>
  !camera || (camera.hangUp === undefined && camera.findings.every(({ severity }) => severity === "warning"));

const ended = ["owncast-ended", "unsupported-codec"];
/** An older hang-up is not reported. */
const recentSeconds = 600;
const measuredSegments = 6;
const heldUpShare = 0.1;
// Owncast notices that its encoder ended a moment after the gate notices that the connection ended.
const marginMs = 3000;

/** Reads the health of a stage's camera. If Owncast hung up, asks `client` for its last warnings. `now` in ms since the epoch. */
export async function readCamera(
  gate: GateState | undefined,
  { hlsDir, client, now }: { hlsDir: string | undefined; client: OwncastClient | undefined; now: number },
): Promise<CameraState> {
  const inputs = Object.values(gate?.inputs ?? {});
  const isOnAir = inputs.some(({ publisher }) => publisher !== null);
  const streams = inputs.flatMap(({ publisher }) => publisher?.stream ?? []);
  const speed = isOnAir && hlsDir !== undefined ? await slowestRendition(hlsDir) : undefined;
  const isCameraSlow = streams.some(({ facts }) => (facts.speed ?? 1) < slowBelow && (facts.heldUp ?? 0) < heldUpShare);
  const found = streams.flatMap(({ findings }) => findings);
  const overload = speed !== undefined && speed < slowBelow && !isCameraSlow ? [slowEncoder(speed)] : [];
  const findings = [...overload, ...found].filter(
    ({ id }, index, all) => all.findIndex((other) => other.id === id) === index,
  );
  const end = isOnAir ? undefined : inputs.map(({ lastEnd }) => lastEnd).find((one) => one && isHangUp(one));
  return { findings, encoderSpeed: speed, hangUp: end ? await explained(end, client, now) : undefined };
}

const isHangUp = ({ reason, secondsAgo }: StreamEnd): boolean => ended.includes(reason) && secondsAgo < recentSeconds;

/** The encoder's speed at its slowest rendition. */
async function slowestRendition(hlsDir: string): Promise<number | undefined> {
  const names = await readdir(hlsDir).catch(() => []);
  const renditions = names.filter((name) => /^\d$/.test(name));
  const speeds = await Promise.all(
    renditions.map(async (name) => encoderSpeed((await finishedSegments(join(hlsDir, name))).slice(-measuredSegments))),
  );
  const known = speeds.filter((speed) => speed !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** If the gate ended the stream, it gives the reason. If Owncast ended it, Owncast's warnings say more. */
async function explained(end: StreamEnd, client: OwncastClient | undefined, now: number): Promise<HangUp> {
  if (!client || end.reason !== "owncast-ended") return { ...end, owncastSays: [] };
  const endedAt = now - end.secondsAgo * 1000;
  const explanation: OwncastExplanation = await explainWarnings(
    client,
    endedAt - end.onAirSeconds * 1000 - marginMs,
    endedAt + marginMs,
  ).catch(() => ({ quotes: [] }));
  return { ...end, ...explanation.means, owncastSays: explanation.quotes };
}
