import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { encoderSpeed, finishedSegments } from "../media/encoder-speed.ts";
import { slowBelow } from "../media/pace.ts";
import { type HealthFinding, slowEncoder } from "../media/stream-health.ts";
import type { OwncastClient } from "../owncast/client/client.ts";
import type { GateState, StreamEnd } from "./gate-client.ts";
import { type OwncastWords, owncastWords } from "./owncast-warnings.ts";

/** A stream that Owncast or the gate ended, and that has not come back. */
export interface HangUp extends StreamEnd {
  /** What Owncast said. */
  readonly owncastSays: readonly string[];
}

/** What a stage's camera sends and what becomes of it. */
export interface CameraState {
  /** Of all that is on air, errors first. */
  readonly findings: readonly HealthFinding[];
  /** Seconds of media that Owncast's encoder makes in one second; undefined while too few segments are there. */
  readonly encoderSpeed: number | undefined;
  readonly hangUp: HangUp | undefined;
}

/** Whether viewers get what the camera sends, as far as it is known. */
export const isCameraWell = (camera: CameraState | undefined): boolean =>
  !camera || (camera.hangUp === undefined && camera.findings.every(({ severity }) => severity === "warning"));

const ended = ["owncast-ended", "unsupported-codec"];
/** A hang-up that is older is history. */
const recentSeconds = 600;
const measuredSegments = 6;
const heldUpShare = 0.1;
// Owncast notices the end of its encoder some moments after the gate notices the end of the connection.
const marginMs = 3000;

/** What is known of a stage's camera. `client` is asked for Owncast's last words if it hung up. `now` in ms since the epoch. */
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

/** What the gate ended has its reason; of what Owncast ended, Owncast's own words say more. */
async function explained(end: StreamEnd, client: OwncastClient | undefined, now: number): Promise<HangUp> {
  if (!client || end.reason !== "owncast-ended") return { ...end, owncastSays: [] };
  const endedAt = now - end.secondsAgo * 1000;
  const words: OwncastWords = await owncastWords(
    client,
    endedAt - end.onAirSeconds * 1000 - marginMs,
    endedAt + marginMs,
  ).catch(() => ({ quotes: [] }));
  return { ...end, ...words.means, owncastSays: words.quotes };
}
