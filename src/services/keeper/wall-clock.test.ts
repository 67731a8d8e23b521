import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TestFolder } from "../../../checks/lib/keeper/model-folder.ts";
import { graceMs } from "../../../checks/lib/keeper/model-watch.ts";
import { monotonicMs } from "../../lib/monotonic.ts";
import { PlaylistKeeper } from "./playlist-keeper.ts";

const hourMs = 3_600_000;

it("the keeper's clock is the same for all processes and never stops", () => {
  const before = monotonicMs();
  const program = 'import("./src/lib/monotonic.ts").then(({ monotonicMs }) => console.log(monotonicMs()))';
  const between = Number(execFileSync(process.execPath, ["--import", "tsx", "-e", program], { encoding: "utf8" }));
  expect(between).toBeGreaterThan(before);
  expect(monotonicMs()).toBeGreaterThan(between);
});

describe.each([
  ["an hour ahead", hourMs],
  ["an hour back", -hourMs],
])("a wall clock that is set %s", (_, jumpMs) => {
  let folder: TestFolder;
  let keeper: PlaylistKeeper;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "hrtime"], now: 1_800_000_000_000 });
    folder = new TestFolder();
    keeper = start();
    folder.owncast.connect(1, 2, 3);
    folder.owncast.segment();
    see();
  });
  afterEach(() => {
    vi.useRealTimers();
    folder.remove();
  });

  const start = () =>
    new PlaylistKeeper({
      hlsDir: folder.hlsDir,
      keptDir: folder.keptDir,
      graceMs,
      say: (line) => {
        throw new Error(line);
      },
    });
  const jump = () => vi.setSystemTime(Date.now() + jumpMs);
  const pass = (ms: number) => {
    vi.advanceTimersByTime(ms);
    keeper.look();
  };
  function see(): void {
    folder.write();
    pass(100);
    pass(100);
  }

  it("does not count as a lost publisher", () => {
    jump();
    pass(1000);
    expect(keeper.counts().drops).toBe(0);
    expect(keeper.newestAgeSeconds()).toBe(1);
  });

  it.each([
    ["with the same keeper", () => {}],
    ["with a keeper that is started meanwhile", () => (keeper = start())],
  ])("neither shortens nor prolongs the grace, %s", (_, restart) => {
    folder.owncast.drop();
    see();
    jump();
    restart();
    pass(graceMs - 1000);
    expect(keeper.playlist("0")).not.toContain("ENDLIST");
    pass(1000);
    expect(keeper.playlist("0")).toContain("ENDLIST");
  });

  it("freezes no player: the keeper notices a hanging Owncast and gives it up in time", () => {
    jump();
    pass(7000);
    expect(keeper.counts().drops).toBe(1);
    pass(graceMs + 20_001);
    expect(keeper.playlist("0")).toContain("ENDLIST");
  });

  it("does not keep players from waiting for the first segment", () => {
    folder.owncast.drop();
    see();
    folder.owncast.connect(1, 2, 3);
    see();
    vi.advanceTimersByTime(1000);
    jump();
    expect(keeper.waitForFirstSegment(0)).toBeDefined();
  });
});
