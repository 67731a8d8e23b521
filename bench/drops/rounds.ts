import { setTimeout as sleep } from "node:timers/promises";
import { openPage, type Viewer } from "../../checks/lib/browser/browser-viewer.ts";
import { type DropSeen, dropFor, untilSettled, watchDrop } from "../../checks/lib/browser/drop.ts";
import type { DropStage } from "../../checks/lib/browser/drop-stage.ts";
import { freezes } from "../../checks/lib/browser/freezes.ts";
import { type PagelessPlayer, playWithoutPage } from "../../checks/lib/stream/pageless-player.ts";
import { picture } from "./stages.ts";

/** The effect of one loss on its viewers. */
export interface Case {
  readonly stage: string;
  readonly front: "lectern" | "article";
  readonly lost: "camera" | "Owncast" | "keeper";
  /** How long the camera stays away, as planned. */
  readonly seconds: number;
  readonly page: DropSeen;
  /** How long the page was frozen after the first new segment was listed. */
  readonly lateSeconds: number;
  /** Whether a player without a page got new frames too. */
  readonly isPagelessThere: boolean;
}

export const dropsSeconds = [0.5, 2, 5, 20] as const;

// Time-out for a page after the camera's return: several times the bars.
const boundSeconds = 60;
// Behind the article's front, the offline clip has ended by then, and no further frame comes.
const articlesBoundSeconds = 25;
// Owncast restarts while the camera is away.
const restartSeconds = 2;
// The frames of two segments.
const newPictures = 4 * picture.framerate;
const listedEveryMs = 20;
const reconnects = ["-reconnect", "1", "-reconnect_streamed", "1", "-reconnect_delay_max", "5"];

/** Two viewers behind one front: one on the page, one without a page. */
interface Audience {
  readonly front: Case["front"];
  readonly viewer: Viewer;
  readonly player: PagelessPlayer;
}

/** The plan for a stage. */
export interface Rounds {
  readonly name: string;
  readonly rounds: number;
  /** Number of rounds that kill the servers too. */
  readonly kills: number;
  /** Whether one page stays through all losses. Else each loss gets a new page, with a full buffer. */
  readonly stays: boolean;
  /** Whether the first round also has viewers behind the article's front. */
  readonly comparesArticle: boolean;
  readonly onCase: (one: Case) => void;
  readonly signal: AbortSignal;
}

/** Ends camera and servers of a stage in rounds, while untouched pages play it. */
export async function measureRounds(stage: DropStage, options: Rounds): Promise<void> {
  const { name, rounds, kills, stays, comparesArticle, onCase, signal } = options;
  const staying = stays ? await comeToWatch(stage, "lectern") : undefined;
  const lose = async (lost: Case["lost"], seconds: number, meanwhile?: () => Promise<void>, withArticle = false) => {
    signal.throwIfAborted();
    const lecterns = staying ?? (await comeToWatch(stage, "lectern"));
    const audiences = [lecterns, ...(withArticle ? [await comeToWatch(stage, "article")] : [])];
    const before = await sessionOf(stage);
    const drop = dropFor(stage.camera, seconds, meanwhile);
    const listed = drop.then(() => untilListed(stage, before));
    for (const seen of await Promise.all(audiences.map((audience) => watch(audience, drop, listed))))
      onCase({ stage: name, lost, seconds, ...seen });
    await Promise.all(audiences.filter((audience) => audience !== staying).map(leave));
  };
  for (let round = 0; round < rounds; round++) {
    for (const seconds of dropsSeconds) await lose("camera", seconds, undefined, comparesArticle && round === 0);
    if (round >= kills) continue;
    await lose("Owncast", restartSeconds, () => stage.killOwncast());
    signal.throwIfAborted();
    const watching = staying ?? (await comeToWatch(stage, "lectern"));
    onCase({ stage: name, lost: "keeper", seconds: 0, ...(await loseKeeper(stage, watching)) });
    if (!staying) await leave(watching);
  }
  if (staying) await leave(staying);
}

async function comeToWatch({ browser, pages }: DropStage, front: Case["front"]): Promise<Audience> {
  const viewer = await openPage(browser, pages[front]);
  const player = playWithoutPage(pages[front], reconnects);
  await viewer.play();
  await untilSettled(viewer);
  return { front, viewer, player };
}

async function leave({ viewer, player }: Audience): Promise<void> {
  await Promise.all([viewer.leave(), player.stop()]);
}

async function watch(
  { front, viewer, player }: Audience,
  drop: ReturnType<typeof dropFor>,
  listed: ReturnType<typeof untilListed>,
) {
  const back = drop.then(() => player.frames());
  const page = await watchDrop(viewer, drop, front === "article" ? articlesBoundSeconds : boundSeconds);
  const lateSeconds = lateOf(page, await listed);
  return {
    front,
    page,
    lateSeconds,
    isPagelessThere: player.isThere() && player.frames() > (await back) + newPictures,
  };
}

/** Owncast's name for the newest listed stream. */
async function sessionOf({ keeper }: DropStage): Promise<string | undefined> {
  const answer = await (await fetch(`${keeper.url}/hls/0/stream.m3u8`)).text();
  return [...answer.matchAll(/stream-(?!offline)(.+)-\d+\.ts$/gm)].at(-1)?.[1];
}

/** Resolves when a new stream's first segment is listed, to the time in ms since the epoch; to infinity if that never happens. */
async function untilListed(stage: DropStage, before: string | undefined): Promise<number> {
  for (const untilMs = Date.now() + boundSeconds * 1000; Date.now() < untilMs; await sleep(listedEveryMs)) {
    const session = await sessionOf(stage).catch(() => undefined);
    if (session !== undefined && session !== before) return Date.now();
  }
  return Number.POSITIVE_INFINITY;
}

/** The length of a page's freezes after a time, in seconds. */
const lateOf = ({ freezes: found }: DropSeen, sinceMs: number): number =>
  found.reduce((sum, { fromMs, seconds }) => sum + Math.max(0, seconds + Math.min(0, fromMs - sinceMs) / 1000), 0);

/** Viewers should not notice this: the camera goes on. */
async function loseKeeper({ keeper }: DropStage, { front, viewer, player }: Audience) {
  const [lostAtMs, bufferedSeconds, before] = [Date.now(), await viewer.bufferedSeconds(), player.frames()];
  await keeper.kill();
  await keeper.start();
  const settled = await untilSettled(viewer, lostAtMs, boundSeconds).catch(() => undefined);
  const untilMs = settled?.atMs ?? Date.now();
  const found = freezes(await viewer.frames(lostAtMs), { untilMs });
  const frozenSeconds = found.reduce((sum, { seconds }) => sum + seconds, 0);
  const page: DropSeen = {
    ...{ dropSeconds: 0, bufferedSeconds, freezes: found, frozenSeconds },
    playsAfterSeconds: settled && 0,
  };
  const isPagelessThere = player.isThere() && player.frames() > before + newPictures;
  return { front, page, lateSeconds: frozenSeconds, isPagelessThere };
}
