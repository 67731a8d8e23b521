import { oneLine, printable } from "../../codegen/load/printable.ts";
import type { Paint } from "../lib/colour.ts";
import { openSession, type Target } from "../owncast/apply/session.ts";
import type { OwncastClient } from "../owncast/client/client.ts";
import type { StorageState } from "../storage/newest-segment.ts";
import { type CameraState, readCamera } from "./camera-health.ts";
import { cameraLines, levelMeter, levelText, soundText, videoText } from "./camera-text.ts";
import { type GateState, readGate, silentForSeconds } from "./gate-client.ts";
import { interpreterLines } from "./interpreter-text.ts";
import { type LiveState, readStream } from "./running-stream.ts";
import { faultOf, type StatusFault } from "./stage-status.ts";
import { readStageStorage, storageLines } from "./stage-storage.ts";
import { stateLine } from "./status-text.ts";

/** A stage that is read again and again. */
export interface WatchedStage {
  readonly name: string;
  readonly address: string;
  readonly target: Target;
  readonly gateStatusSocket: string | undefined;
  readonly hlsDir: string | undefined;
}

/** A stage's state for a camera operator. */
export interface WatchState {
  readonly name: string;
  readonly address: string;
  readonly onAir: LiveState | undefined;
  readonly gate: GateState | undefined;
  readonly camera: CameraState;
  /** What viewers find in the object storage; undefined while nobody is live, and without object storage. */
  readonly storage?: StorageState | undefined;
  /** Why a part of it is not known. */
  readonly faults: readonly StatusFault[];
}

/** Makes a function that reads a stage. It logs in only the first time. Rejects only for faults in Lectern itself. */
export function watcherOf(stage: WatchedStage): () => Promise<WatchState> {
  const { name, address, target, gateStatusSocket, hlsDir } = stage;
  let client: OwncastClient | undefined;
  return async () => {
    const faults: StatusFault[] = [];
    const orFault = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> =>
      work().catch((error: unknown) => {
        faults.push(faultOf(error));
        return undefined;
      });
    const [{ gate, now }, onAir] = await Promise.all([
      orFault(async () =>
        gateStatusSocket === undefined ? undefined : readGate(gateStatusSocket, target.deadlineSeconds),
      ).then((found) => ({ gate: found, now: Date.now() })),
      orFault(async () => {
        client ??= (await openSession(target)).client;
        const stream = await readStream(client);
        return { live: stream.live, storage: await readStageStorage(target, stream) };
      }),
    ]);
    // Perhaps somebody changed the password: log in again next time.
    if (!onAir) client = undefined;
    const camera = await readCamera(gate, { hlsDir, client, now });
    return { name, address, onAir: onAir?.live, gate, camera, storage: onAir?.storage, faults };
  };
}

/** A stage for a camera operator, in few lines. `now` in ms since the epoch. */
export function watchLines(state: WatchState, now: number, paint: Paint = (_, text) => text): string[] {
  const { name, address, onAir, gate, camera, storage, faults } = state;
  const publishers = Object.values(gate?.inputs ?? {}).flatMap(({ publisher }) => publisher ?? []);
  return [
    `${paint("area", name)}  ${address}`,
    ...(onAir ? [stateLine(onAir, now, paint)] : []),
    ...(storage ? storageLines(name, storage, paint) : []),
    ...faults.flatMap(({ message, remedy }) => [
      `${paint("✗", "✗")} ${oneLine(message)}`,
      ...(remedy === undefined ? [] : [`  → ${remedy}`]),
    ]),
    ...(gate && publishers.length === 0 ? ["camera: nobody publishes"] : []),
    ...publishers.flatMap(publisherLines),
    ...(gate ? interpreterLines(gate, paint) : []),
    ...(camera.encoderSpeed === undefined ? [] : [`encoder: ${camera.encoderSpeed.toFixed(2)}× of live`]),
    ...cameraLines(camera, paint),
    ...(publishers.length > 0 && camera.findings.length === 0 ? [`${paint("✓", "✓")} nothing to correct`] : []),
  ].map((line, index) => (index === 0 ? line : `  ${line}`));
}

type Publisher = NonNullable<GateState["inputs"][string]["publisher"]>;

function publisherLines({ key, address, silentSeconds, kbps, stream }: Publisher): string[] {
  const rate =
    silentSeconds < silentForSeconds ? `${Math.round(kbps)} kbit/s` : `no media for ${Math.round(silentSeconds)} s`;
  const [video, sound] = stream ? [videoText(stream), soundText(stream)] : [];
  const level = stream?.levelDbfs;
  return [
    `camera: key ${printable(key)} from ${oneLine(address)}, ${rate}`,
    ...(video === undefined ? [] : [`video: ${video}`]),
    ...(sound === undefined ? [] : [`sound: ${sound}`]),
    ...(stream ? [`level: ${level === undefined ? "" : `${levelMeter(level)} `}${levelText(level)}`] : []),
  ];
}
