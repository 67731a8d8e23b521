import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as settled } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Keeper } from "./keeper.ts";
import { TestFolder } from "./test-folder.ts";

let folder: TestFolder;
let nowMs = 0;
beforeEach(() => {
  folder = new TestFolder();
  nowMs = 1_000_000;
});
afterEach(() => folder.remove());

const start = (): Keeper => new Keeper({ hlsDir: folder.hlsDir, keptDir: folder.keptDir, graceMs: 30_000 });
const kept = (name: string): boolean => existsSync(join(folder.keptDir, name));

/** Lets the keeper see what the folder is now. */
function see(keeper: Keeper, ms = 200): void {
  folder.write();
  for (let look = 0; look < 2; look++) {
    nowMs += ms / 2;
    keeper.look(nowMs);
  }
}

function goLive(keeper: Keeper, segments = 3): void {
  folder.owncast.connect(1, 2, 3);
  see(keeper);
  for (let index = 0; index < segments; index++) {
    folder.owncast.segment();
    see(keeper);
  }
}

it("holds what it lists when Owncast wipes its folder, and lets go of it a minute after it was listed last", () => {
  const keeper = start();
  goLive(keeper);
  folder.owncast.drop();
  see(keeper);
  goLive(keeper, 1);
  expect(keeper.answer("0")).toContain("stream-s1-x-2.ts");
  expect(readFileSync(join(folder.keptDir, "0/stream-s1-x-2.ts"), "utf8")).toBe("0/stream-s1-x-2.ts");
  for (let index = 0; index < 3; index++) {
    folder.owncast.segment();
    see(keeper);
  }
  expect(keeper.answer("0")).not.toContain("stream-s1-x");
  see(keeper, 12_000);
  expect(kept("0/stream-s1-x-2.ts")).toBe(true);
  for (let minute = 0; minute < 3; minute++) see(keeper, 60_000);
  expect(kept("0/stream-s1-x-2.ts")).toBe(false);
  expect(kept("0/stream-s2-x-3.ts")).toBe(true);
});

it("does not list a segment that is gone already", () => {
  const keeper = start();
  goLive(keeper);
  const before = keeper.answer("0");
  folder.owncast.segment();
  folder.owncast.segments.delete("0/stream-s1-x-3.ts");
  see(keeper);
  expect(keeper.answer("0")).toBe(before);
});

it("does not answer a master playlist that is cut off between two renditions, though it looks whole", () => {
  const keeper = start();
  folder.owncast.connect(2, 2, 3);
  folder.owncast.segment();
  see(keeper);
  const before = keeper.answer("") ?? "";
  const file = join(folder.hlsDir, "stream.m3u8");
  writeFileSync(file, before.slice(0, before.indexOf("0/stream.m3u8\n") + "0/stream.m3u8\n".length));
  keeper.look(nowMs);
  expect(keeper.answer("")).toBe(before);
  writeFileSync(file, before);
  for (let look = 0; look < 2; look++) keeper.look(nowMs);
  expect(keeper.answer("")).toBe(before);
});

it("goes on where it was killed: while live, while it waits, and over a reconnect that it did not see", () => {
  goLive(start());
  const live = start();
  see(live);
  expect(live.answer("0")).toContain("#EXT-X-MEDIA-SEQUENCE:0\n");
  folder.owncast.drop();
  see(live);
  const during = live.answer("0");
  const waiting = start();
  expect(waiting.answer("0")).toBe(during);
  expect(waiting.isOnAir()).toBe(true);
  folder.owncast.connect(1, 2, 3);
  folder.owncast.segment();
  const after = start();
  see(after);
  expect(after.answer("0")).toMatch(/#EXT-X-DISCONTINUITY\n.*\n.*\nstream-s2-x-0\.ts\n$/);
  expect(after.answer("0")).toContain("#EXT-X-MEDIA-SEQUENCE:2\n");
});

it("begins anew from a state that it cannot read", () => {
  goLive(start());
  writeFileSync(join(folder.keptDir, "state.json"), '{"master":');
  const keeper = start();
  see(keeper);
  expect(keeper.answer("0")).toContain("stream-s1-x-2.ts");
});

it("counts drops, the time they took, and torn reads", () => {
  const keeper = start();
  goLive(keeper);
  writeFileSync(join(folder.hlsDir, "0/stream.m3u8"), "");
  keeper.look(nowMs);
  folder.owncast.drop();
  see(keeper);
  see(keeper, 4000);
  expect(keeper.counts()).toEqual({ drops: 1, heldSeconds: 4.1, tornReads: 1 });
});

describe("who asks while a lost publisher connects", () => {
  /** A keeper that has seen, for so long, that a publisher of segments of 2 s is back. */
  function connecting(ms: number): Keeper {
    const keeper = start();
    goLive(keeper);
    folder.owncast.drop();
    see(keeper, 5000);
    folder.owncast.connect(1, 2, 3);
    see(keeper);
    nowMs += ms;
    return keeper;
  }

  /** What has become of a wait so far. */
  function watchWait(keeper: Keeper) {
    const wait = { isOver: false };
    void keeper.firstSegment(nowMs)?.then(() => {
      wait.isOver = true;
    });
    return async () => {
      await settled();
      return wait.isOver;
    };
  }

  it("is to wait for his first segment when that comes before a player would ask again", async () => {
    const keeper = connecting(1200);
    const isOver = watchWait(keeper);
    see(keeper);
    expect(await isOver()).toBe(false);
    folder.owncast.segment();
    see(keeper);
    expect(await isOver()).toBe(true);
    expect(keeper.answer("0")).toContain("stream-s2-x-0.ts");
    expect(keeper.firstSegment(nowMs)).toBeUndefined();
  });

  it("is to wait no longer than 2.5 s, for it may not come", async () => {
    const keeper = connecting(1200);
    const isOver = watchWait(keeper);
    see(keeper, 2400);
    expect(await isOver()).toBe(false);
    see(keeper, 200);
    expect(await isOver()).toBe(true);
  });

  it("need not wait where ten thousand do", async () => {
    const keeper = connecting(1200);
    const [first, last] = [watchWait(keeper), Array.from({ length: 10_000 }, () => watchWait(keeper)).at(-1)];
    expect([await first(), await last?.()]).toEqual([false, true]);
  });

  it.each([0, 1000, 4500])("need not wait %i ms after he has connected", (ms) => {
    expect(connecting(ms).firstSegment(nowMs)).toBeUndefined();
  });

  it("need not wait while he is not back, nor while all is well", () => {
    const keeper = start();
    goLive(keeper);
    nowMs += 1900;
    expect(keeper.firstSegment(nowMs)).toBeUndefined();
    folder.owncast.drop();
    see(keeper, 2000);
    expect(keeper.firstSegment(nowMs)).toBeUndefined();
  });
});
