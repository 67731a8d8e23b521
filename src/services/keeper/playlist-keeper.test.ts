import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { KeptFolder } from "../../../checks/lib/keeper/kept-folder.ts";
import type { PlaylistKeeper } from "./playlist-keeper.ts";

let folder: KeptFolder;
beforeEach(() => {
  folder = new KeptFolder();
});
afterEach(() => folder.remove());

const kept = (name: string): boolean => existsSync(join(folder.keptDir, name));

it("keeps listed segments when Owncast wipes its folder, and removes them a minute after they were last listed", () => {
  const keeper = folder.keeper();
  folder.goLive(keeper);
  folder.owncast.drop();
  folder.see(keeper);
  folder.goLive(keeper, { segments: 1 });
  expect(keeper.playlist("0")).toContain("stream-s1-x-2.ts");
  expect(readFileSync(join(folder.keptDir, "0/stream-s1-x-2.ts"), "utf8").trim()).toBe("0/stream-s1-x-2.ts");
  for (let index = 0; index < 3; index++) {
    folder.owncast.segment();
    folder.see(keeper);
  }
  expect(keeper.playlist("0")).not.toContain("stream-s1-x");
  folder.see(keeper, 12_000);
  expect(kept("0/stream-s1-x-2.ts")).toBe(true);
  for (let minute = 0; minute < 3; minute++) folder.see(keeper, 60_000);
  expect(kept("0/stream-s1-x-2.ts")).toBe(false);
  expect(kept("0/stream-s2-x-3.ts")).toBe(true);
});

it("does not list a segment that is already deleted", () => {
  const keeper = folder.keeper();
  folder.goLive(keeper);
  const before = keeper.playlist("0");
  folder.owncast.segment();
  folder.owncast.segments.delete("0/stream-s1-x-3.ts");
  folder.see(keeper);
  expect(keeper.playlist("0")).toBe(before);
});

it("does not use a master playlist that is cut off between two renditions, although it looks whole", () => {
  const keeper = folder.keeper();
  folder.owncast.connect(2, 2, 3);
  folder.owncast.segment();
  folder.see(keeper);
  const before = keeper.playlist("") ?? "";
  const file = join(folder.hlsDir, "stream.m3u8");
  writeFileSync(file, before.slice(0, before.indexOf("0/stream.m3u8\n") + "0/stream.m3u8\n".length));
  keeper.look(folder.nowMs);
  expect(keeper.playlist("")).toBe(before);
  writeFileSync(file, before);
  for (let look = 0; look < 2; look++) keeper.look(folder.nowMs);
  expect(keeper.playlist("")).toBe(before);
});

it("goes on from its state after a kill: while live, while it waits, and after a reconnect that it did not see", () => {
  folder.goLive(folder.keeper());
  const live = folder.keeper();
  folder.see(live);
  expect(live.playlist("0")).toContain("#EXT-X-MEDIA-SEQUENCE:0\n");
  folder.owncast.drop();
  folder.see(live);
  const during = live.playlist("0");
  const waiting = folder.keeper();
  expect(waiting.playlist("0")).toBe(during);
  expect(waiting.isOnAir()).toBe(true);
  folder.owncast.connect(1, 2, 3);
  folder.owncast.segment();
  const after = folder.keeper();
  folder.see(after);
  expect(after.playlist("0")).toMatch(/#EXT-X-DISCONTINUITY\n.*\n.*\nstream-s2-x-0\.ts\n$/);
  expect(after.playlist("0")).toContain("#EXT-X-MEDIA-SEQUENCE:2\n");
});

it("starts new playlists if it cannot read its state", () => {
  folder.goLive(folder.keeper());
  writeFileSync(join(folder.keptDir, "state.json"), '{"master":');
  const keeper = folder.keeper();
  folder.see(keeper);
  expect(keeper.playlist("0")).toContain("stream-s1-x-2.ts");
});

it("counts drops, their time, and incomplete playlists", () => {
  const keeper = folder.keeper();
  folder.goLive(keeper);
  writeFileSync(join(folder.hlsDir, "0/stream.m3u8"), "");
  keeper.look(folder.nowMs);
  folder.owncast.drop();
  folder.see(keeper);
  folder.see(keeper, 4000);
  expect(keeper.counts()).toMatchObject({ drops: 1, heldSeconds: 4.1, tornReads: 1 });
});

it("counts the time before the machine's restart as part of the grace", () => {
  const keeper = folder.keeper();
  folder.goLive(keeper);
  folder.owncast.drop();
  folder.see(keeper);
  folder.nowMs = 20_000;
  const next = folder.keeper();
  folder.see(next, 29_000);
  expect(next.playlist("0")).not.toContain("ENDLIST");
  folder.see(next, 2000);
  expect(next.playlist("0")).toContain("ENDLIST");
});

it("counts the time of a drop only from its own start", () => {
  const keeper = folder.keeper();
  folder.goLive(keeper);
  folder.owncast.drop();
  folder.see(keeper);
  const next = folder.keeper();
  folder.see(next, 1000);
  expect(next.counts().heldSeconds).toBe(0.5);
});

it.each<[phase: string, reach: (keeper: PlaylistKeeper) => void]>([
  ["nobody has published yet", () => {}],
  ["a publisher is live", (keeper) => folder.goLive(keeper)],
  [
    "it waits for a lost publisher",
    (keeper) => {
      folder.goLive(keeper);
      folder.owncast.drop();
      folder.see(keeper);
    },
  ],
  [
    "the stream is over",
    (keeper) => {
      folder.goLive(keeper);
      folder.owncast.drop();
      folder.see(keeper);
      folder.see(keeper, 40_000);
    },
  ],
])("never serialises its state while nothing changes: %s", (_, reach) => {
  const keeper = folder.keeper();
  reach(keeper);
  folder.see(keeper);
  const answer = keeper.playlist("0");
  const stringify = vi.spyOn(JSON, "stringify");
  for (let look = 1; look <= 20; look++) keeper.look(folder.nowMs + look * 100);
  const serialisations = stringify.mock.calls.length;
  stringify.mockRestore();
  expect(serialisations).toBe(0);
  expect(keeper.playlist("0")).toBe(answer);
});

it("serialises its state once for each change", () => {
  const keeper = folder.keeper();
  folder.goLive(keeper);
  folder.owncast.segment();
  const stringify = vi.spyOn(JSON, "stringify");
  folder.see(keeper);
  const serialisations = stringify.mock.calls.length;
  stringify.mockRestore();
  expect(serialisations).toBe(1);
});
