import { setTimeout as sleep } from "node:timers/promises";
import type { Camera } from "../stream/losable-camera.ts";
import type { Frame, Viewer } from "./browser-viewer.ts";
import { type Freeze, freezes } from "./freezes.ts";

/** When a part was lost, and when the camera was back; in ms since the epoch. */
export interface Drop {
  readonly lostAtMs: number;
  /** The camera began to connect. Later frames are new. */
  readonly comesAtMs: number;
  /** Owncast had accepted it. */
  readonly backAtMs: number;
}

/** The effect of a drop on a viewer who does not touch the page. */
export interface DropSeen {
  readonly dropSeconds: number;
  /** The player's buffer when the camera was lost. */
  readonly bufferedSeconds: number;
  readonly freezes: readonly Freeze[];
  /** All freezes together. */
  readonly frozenSeconds: number;
  /** From the camera's return to the end of the last freeze; 0 without a freeze; undefined if no new frame came: only a reload helps. */
  readonly playsAfterSeconds: number | undefined;
}

/** This much of a stream proves that a player plays on, and lets it fill its buffer again. */
const settledSeconds = 6;

/** Ends the camera's connection for some seconds, and runs `meanwhile`. */
export async function dropFor(camera: Camera, seconds: number, meanwhile = async () => {}): Promise<Drop> {
  const lostAtMs = Date.now();
  await Promise.all([camera.lose(), meanwhile()]);
  await sleep(seconds * 1000);
  const comesAtMs = Date.now();
  await camera.connect();
  return { lostAtMs, comesAtMs, backAtMs: Date.now() };
}

/** Resolves when a viewer has seen some seconds of video filmed since then, by its clock. Rejects after `seconds`. */
export async function untilSettled(viewer: Viewer, filmedSinceMs = 0, seconds = 60): Promise<Frame> {
  const first = await viewer.untilFrame(({ clockMs = 0 }) => clockMs > filmedSinceMs, {
    sinceMs: filmedSinceMs,
    seconds,
  });
  const enough = (first.clockMs as number) + settledSeconds * 1000;
  return viewer.untilFrame(({ clockMs = 0 }) => clockMs > enough, { sinceMs: first.atMs, seconds });
}

/**
 * Watches a drop with a viewer whose player has settled. Resolves when the player has settled again, at the latest
 * `boundSeconds` after the camera's return.
 */
export async function watchDrop(viewer: Viewer, drop: Promise<Drop>, boundSeconds: number): Promise<DropSeen> {
  const bufferedSeconds = await viewer.bufferedSeconds();
  const { lostAtMs, comesAtMs, backAtMs } = await drop;
  const settled = await untilSettled(viewer, comesAtMs, boundSeconds).catch(() => undefined);
  const untilMs = settled?.atMs ?? Date.now();
  // Owncast's offline clip has no clock. A freeze may begin at the last frame before the loss.
  const filmed = (await viewer.frames(lostAtMs - 1000)).filter(({ clockMs, atMs }) => clockMs && atMs <= untilMs);
  const found = freezes(filmed, { untilMs });
  const last = found.at(-1);
  const playsAtMs = last ? last.fromMs + last.seconds * 1000 : backAtMs;
  return {
    dropSeconds: (backAtMs - lostAtMs) / 1000,
    bufferedSeconds,
    freezes: found,
    frozenSeconds: found.reduce((sum, { seconds }) => sum + seconds, 0),
    playsAfterSeconds: settled && Math.max(0, (playsAtMs - backAtMs) / 1000),
  };
}
