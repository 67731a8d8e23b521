import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as settled } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeptFolder } from "../../../checks/lib/keeper/kept-folder.ts";
import type { PlaylistKeeper } from "./playlist-keeper.ts";

let folder: KeptFolder;
beforeEach(() => {
  folder = new KeptFolder();
});
afterEach(() => folder.remove());

/** A keeper that noticed a returned publisher the given time ago. */
function connecting(ms: number, { seconds = 2, variants = 1 } = {}): PlaylistKeeper {
  const keeper = folder.keeper();
  folder.goLive(keeper, { seconds, variants });
  folder.owncast.drop();
  folder.see(keeper, 5000);
  folder.owncast.connect(variants, seconds, 3);
  folder.write();
  keeper.look(folder.nowMs);
  folder.nowMs += ms;
  return keeper;
}

/** The state of a wait so far. */
function watchWait(keeper: PlaylistKeeper, variant = 0) {
  const wait = { isOver: false };
  void keeper.waitForFirstSegment(variant, folder.nowMs)?.then(() => {
    wait.isOver = true;
  });
  return async () => {
    await settled();
    return wait.isOver;
  };
}

describe("a player that asks while a lost publisher reconnects", () => {
  it("waits for the first segment if that comes before the player would ask again", async () => {
    const keeper = connecting(1200);
    const isOver = watchWait(keeper);
    folder.see(keeper);
    expect(await isOver()).toBe(false);
    folder.owncast.segment();
    folder.see(keeper);
    expect(await isOver()).toBe(true);
    expect(keeper.playlist("0")).toContain("stream-s2-x-0.ts");
    expect(keeper.waitForFirstSegment(0, folder.nowMs)).toBeUndefined();
  });

  it.each([
    [2, 900],
    [5, 3800],
    [10, 8800],
  ])("waits for at most 2 s with segments of %i s, starting %i ms after the wipe", async (seconds, fromMs) => {
    const keeper = connecting(fromMs - 1, { seconds });
    expect(keeper.waitForFirstSegment(0, folder.nowMs)).toBeUndefined();
    folder.nowMs += 1;
    const isOver = watchWait(keeper);
    folder.see(keeper, 1998);
    expect(await isOver()).toBe(false);
    folder.see(keeper, 2);
    expect(await isOver()).toBe(true);
  });

  it("does not wait if the segment is long overdue", async () => {
    const keeper = connecting(5900);
    const isOver = watchWait(keeper);
    folder.see(keeper);
    expect(await isOver()).toBe(true);
    expect(keeper.waitForFirstSegment(0, folder.nowMs)).toBeUndefined();
  });

  it("gets a response when the keeper ends", async () => {
    const keeper = connecting(1200);
    const isOver = watchWait(keeper);
    keeper.stopWaiting();
    expect(await isOver()).toBe(true);
  });

  it("does not wait if ten thousand others do", async () => {
    const keeper = connecting(1200);
    const [first, last] = [watchWait(keeper), Array.from({ length: 10_000 }, () => watchWait(keeper)).at(-1)];
    expect([await first(), await last?.()]).toEqual([false, true]);
  });

  it("does not wait for a missing variant, while the stream runs, or while the publisher is away", () => {
    const keeper = connecting(1200);
    expect(keeper.waitForFirstSegment(1, folder.nowMs)).toBeUndefined();
    folder.owncast.segment();
    folder.see(keeper);
    expect(keeper.waitForFirstSegment(0, folder.nowMs)).toBeUndefined();
    folder.owncast.drop();
    folder.see(keeper);
    expect(keeper.waitForFirstSegment(0, folder.nowMs)).toBeUndefined();
  });

  it("gets its variant's playlist, although another variant has no segment yet", async () => {
    const keeper = connecting(1200, { variants: 2 });
    const [isOver, isOtherOver] = [watchWait(keeper), watchWait(keeper, 1)];
    folder.owncast.segment();
    folder.write();
    writeFileSync(join(folder.hlsDir, "1/stream.m3u8"), "");
    for (let look = 0; look < 2; look++) keeper.look(folder.nowMs);
    expect([await isOver(), await isOtherOver()]).toEqual([true, false]);
    expect(keeper.waitForFirstSegment(0, folder.nowMs)).toBeUndefined();
  });
});
