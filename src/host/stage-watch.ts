import { z } from "zod";
import { oneLine, printable } from "../../codegen/load/printable.ts";
import type { Target } from "../owncast/apply/apply.ts";
import { openSession } from "../owncast/apply/session.ts";
import type { OwncastClient } from "../owncast/client/client.ts";
import { readAs } from "../owncast/client/response-shape.ts";
import { type CameraState, readCamera } from "./camera-health.ts";
import { cameraLines, levelMeter, levelText, soundText, videoText } from "./camera-text.ts";
import { type GateState, readGate } from "./gate-client.ts";
import { faultOf, type OnAir, type StatusFault } from "./stage-status.ts";
import { type StatusPaint, stateLine } from "./status-text.ts";

/** Where a stage is looked at, again and again. */
export interface WatchedStage {
  readonly name: string;
  readonly address: string;
  readonly target: Target;
  readonly gateStatusSocket: string | undefined;
  readonly hlsDir: string | undefined;
}

/** What a person behind a camera wants to see of a stage. */
export interface WatchState {
  readonly name: string;
  readonly address: string;
  readonly onAir: Pick<OnAir, "state" | "since" | "viewers" | "mostViewers"> | undefined;
  readonly gate: GateState | undefined;
  readonly camera: CameraState;
  /** Why something of it is not known. */
  readonly faults: readonly StatusFault[];
}

const publicStatus = z.looseObject({
  online: z.boolean(),
  lastConnectTime: z.string().nullable(),
  lastDisconnectTime: z.string().nullable(),
});
const adminStatus = z.looseObject({ viewerCount: z.number(), sessionPeakViewerCount: z.number() });

/** Looks at a stage, again and again: it logs in once. Rejects only for faults of our own. */
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
      ).then((answer) => ({ gate: answer, now: Date.now() })),
      orFault(async () => {
        client ??= (await openSession(target)).client;
        return readOnAir(client);
      }),
    ]);
    // A password that was replaced meanwhile, for one: the next look logs in anew.
    if (!onAir) client = undefined;
    return { name, address, onAir, gate, camera: await readCamera(gate, { hlsDir, client, now }), faults };
  };
}

async function readOnAir(client: OwncastClient): Promise<NonNullable<WatchState["onAir"]>> {
  const shown = await readAs(client, "/api/status", publicStatus);
  const { viewerCount, sessionPeakViewerCount } = await readAs(client, "/api/admin/status", adminStatus);
  const state = shown.online ? "live" : shown.lastConnectTime === null ? "offline" : "connecting";
  return {
    state,
    since: state === "offline" ? shown.lastDisconnectTime : shown.lastConnectTime,
    viewers: viewerCount,
    mostViewers: sessionPeakViewerCount,
  };
}

/** A stage for the person behind the camera, in few lines. `now` in ms since the epoch. */
export function watchLines(state: WatchState, now: number, paint: StatusPaint = (_, text) => text): string[] {
  const { name, address, onAir, gate, camera, faults } = state;
  const publishers = Object.values(gate?.inputs ?? {}).flatMap(({ publisher }) => publisher ?? []);
  return [
    `${paint("area", name)}  ${address}`,
    ...(onAir ? [stateLine(onAir, now, paint)] : []),
    ...faults.flatMap(({ message, remedy }) => [
      `${paint("✗", "✗")} ${oneLine(message)}`,
      ...(remedy === undefined ? [] : [`  → ${remedy}`]),
    ]),
    ...(gate && publishers.length === 0 ? ["camera: nobody publishes"] : []),
    ...publishers.flatMap(publisherLines),
    ...(camera.encoderSpeed === undefined ? [] : [`encoder: ${camera.encoderSpeed.toFixed(2)}× of live`]),
    ...cameraLines(camera, paint),
    ...(publishers.length > 0 && camera.findings.length === 0 ? [`${paint("✓", "✓")} nothing to mend`] : []),
  ].map((line, index) => (index === 0 ? line : `  ${line}`));
}

type Publisher = NonNullable<GateState["inputs"][string]["publisher"]>;

function publisherLines({ key, address, silentSeconds, kbps, stream }: Publisher): string[] {
  const rate =
    silentSeconds < silentForSeconds ? `${Math.round(kbps)} kbit/s` : `nothing came for ${Math.round(silentSeconds)} s`;
  const [video, sound] = stream ? [videoText(stream), soundText(stream)] : [];
  const level = stream?.levelDbfs;
  return [
    `camera: key ${printable(key)} from ${oneLine(address)}, ${rate}`,
    ...(video === undefined ? [] : [`video: ${video}`]),
    ...(sound === undefined ? [] : [`sound: ${sound}`]),
    ...(stream ? [`level: ${level === undefined ? "" : `${levelMeter(level)} `}${levelText(level)}`] : []),
  ];
}

// Below that, audio and video of a slow camera are still on their way.
const silentForSeconds = 2;
