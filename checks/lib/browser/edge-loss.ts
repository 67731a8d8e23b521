import { setTimeout as sleep } from "node:timers/promises";
import { openPage, type Viewer } from "./browser-viewer.ts";
import { untilSettled } from "./drop.ts";
import { freezes } from "./freezes.ts";
import { openHlsJsPage } from "./hls-js-page.ts";
import type { SteeredEdge, SteeredStage } from "./steered-stage.ts";

/** The players that follow steering: Owncast's page plays with video.js. */
export const playerNames = ["page", "hls.js"] as const;
export type PlayerName = (typeof playerNames)[number];

/** A viewer of a stage with edges. */
export interface SteeredViewer {
  readonly name: PlayerName;
  readonly viewer: Viewer;
  /** The edge that it asked for its last segment; undefined if it asked the origin. */
  edge(): SteeredEdge | undefined;
}

/** Ways to lose an edge. */
export const losses = ["killed", "hung", "drained"] as const;
export type Loss = (typeof losses)[number];

/** What a viewer of a lost edge saw. */
export interface LossSeen {
  readonly player: PlayerName;
  readonly edge: string;
  /** What its player had in hand. */
  readonly bufferedSeconds: number;
  /** Seconds from the loss to its first segment from elsewhere; undefined if that did not come. */
  readonly leftAfterSeconds: number | undefined;
  /** All seconds without a new frame, from the loss until some seconds after the edge's return. */
  readonly stalledSeconds: number;
}

export interface LossOptions {
  /** How long the edge is away at least. */
  readonly awaySeconds?: number;
  /** How long it is away if a viewer does not play from elsewhere. */
  readonly boundSeconds?: number;
  /** How long its viewers are watched after its return. */
  readonly afterSeconds?: number;
}

const pollMs = 100;
// A player that has left an edge needs some more of its segments before it is safe.
const playsOnSeconds = 4;

/** Opens one of the players. Resolves when it has played for some seconds. */
export async function watchSteered(stage: SteeredStage, name: PlayerName): Promise<SteeredViewer> {
  const { browser, page: address } = stage;
  const viewer = await (name === "page" ? openPage(browser, address) : openHlsJsPage(browser, address));
  let from = "";
  viewer.page.on("request", (asked) => {
    const { pathname, origin } = new URL(asked.url());
    if (pathname.endsWith(".ts")) from = origin;
  });
  await viewer.play();
  await untilSettled(viewer);
  return { name, viewer, edge: () => stage.edges.find(({ url }) => url === from) };
}

/** Loses an edge and brings it back. Resolves to what those of `viewers` saw that were on it. */
export async function loseEdge(
  stage: SteeredStage,
  lost: SteeredEdge,
  how: Loss,
  viewers: readonly SteeredViewer[],
  { awaySeconds = 10, boundSeconds = 60, afterSeconds = 4 }: LossOptions = {},
): Promise<LossSeen[]> {
  const affected = viewers.filter((one) => one.edge() === lost);
  const buffered = await Promise.all(affected.map(({ viewer }) => viewer.bufferedSeconds()));
  const lostAtMs = Date.now();
  await lose(stage, lost, how);
  const leftAtMs = new Map<SteeredViewer, number>();
  for (;;) {
    await sleep(pollMs);
    const nowMs = Date.now();
    for (const one of affected) if (one.edge() !== lost && !leftAtMs.has(one)) leftAtMs.set(one, nowMs);
    const havePlayed = affected.every((one) => nowMs - (leftAtMs.get(one) ?? nowMs) >= playsOnSeconds * 1000);
    const awayMs = nowMs - lostAtMs;
    if ((awayMs >= awaySeconds * 1000 && havePlayed) || awayMs >= boundSeconds * 1000) break;
  }
  await bringBack(stage, lost, how);
  await sleep(afterSeconds * 1000);
  return Promise.all(
    affected.map(async (one, index): Promise<LossSeen> => {
      const untilMs = Date.now();
      const left = leftAtMs.get(one);
      // A video that stands still from the beginning counts too.
      const found = freezes([{ atMs: lostAtMs }, ...(await one.viewer.frames(lostAtMs))], { untilMs });
      return {
        ...{ player: one.name, edge: lost.name, bufferedSeconds: buffered[index] as number },
        leftAfterSeconds: left === undefined ? undefined : (left - lostAtMs) / 1000,
        stalledSeconds: found.reduce((sum, { seconds }) => sum + seconds, 0),
      };
    }),
  );
}

async function lose(stage: SteeredStage, edge: SteeredEdge, how: Loss): Promise<void> {
  if (how === "killed") await edge.kill();
  else if (how === "hung") edge.hang();
  else await stage.drain(edge.name, true);
}

async function bringBack(stage: SteeredStage, edge: SteeredEdge, how: Loss): Promise<void> {
  if (how === "killed") await edge.start();
  else if (how === "hung") edge.resume();
  else await stage.drain(edge.name, false);
}
