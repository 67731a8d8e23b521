import { describe, expect, it } from "vitest";
import { StageWatch } from "./stage-watch.ts";

const status = (online: boolean, aheadMs = 0) =>
  JSON.stringify({ online, serverTime: new Date(Date.now() + aheadMs).toISOString() });

describe("what viewers learn from /api/status", () => {
  it("is when the stage was off the air or down, and for how long", () => {
    const watch = new StageWatch();
    watch.learn(status(true), 1, 10);
    watch.learn(status(false), 5, 10);
    watch.learn(status(false), 6, 10);
    watch.missed("502", 8);
    watch.learn(status(true), 9, 10);
    watch.learn("<html>", 12, 10);
    expect(watch.outages).toEqual([
      { kind: "offline", fromSeconds: 5, toSeconds: 8, answer: "offline" },
      { kind: "down", fromSeconds: 8, toSeconds: 9, answer: "502" },
      { kind: "down", fromSeconds: 12, answer: "something that is not Owncast's" },
    ]);
    expect(watch.now).toMatchObject({ kind: "down" });
  });

  it("stays small for a stage that comes and goes", () => {
    const watch = new StageWatch();
    for (let second = 0; second < 1000; second++) watch.learn(status(second % 2 === 0), second, 10);
    expect(watch.outages.length).toBeLessThanOrEqual(20);
  });

  it("is the server's clock, by the quickest response", () => {
    const watch = new StageWatch();
    expect(watch.serverNow()).toBeUndefined();
    watch.learn(status(true, 60_000), 1, 20);
    watch.learn(status(true, 90_000), 2, 4000);
    expect(watch.serverNow()! - Date.now()).toBeGreaterThan(59_000);
    expect(watch.serverNow()! - Date.now()).toBeLessThan(61_000);
  });

  it("is by how much the playlists' dates are ahead", () => {
    const watch = new StageWatch();
    watch.learn(status(true), 1, 0);
    watch.listed(Date.now() - 2000);
    expect(watch.datesAheadMs).toBe(0);
    watch.listed(Date.now() + 3000);
    watch.listed(Date.now() + 1000);
    expect(watch.datesAheadMs).toBeGreaterThan(2800);
    expect(watch.datesAheadMs).toBeLessThanOrEqual(3001);
  });
});
