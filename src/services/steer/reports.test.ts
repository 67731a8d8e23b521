import { describe, expect, it } from "vitest";
import { Reports } from "./reports.ts";

const ttl = 4;
const reports = () => new Reports(["a", "origin"], ttl, 100);

describe("the players of a pathway", () => {
  it("are counted once each, although each asks again and again", () => {
    const all = reports();
    for (let second = 100; second < 140; second++)
      for (let player = 0; player < 30; player++)
        if ((second + player) % ttl === 0) all.add("a", undefined, `192.0.2.${player}`, second);
    expect(all.viewers("a", 139)).toBe(30);
    expect(all.viewers("origin", 139)).toBe(0);
  });

  it("are forgotten two TTLs after their last word, and their speeds too", () => {
    const all = reports();
    all.add("a", "5000000", "192.0.2.1", 110);
    expect([all.viewers("a", 113), all.kbps("a", 113)]).toEqual([1, 5000]);
    expect([all.viewers("a", 118), all.kbps("a", 118)]).toEqual([0, undefined]);
    all.add("a", undefined, "192.0.2.1", 5000);
    expect(all.viewers("a", 5001)).toBe(1);
  });

  it("behind one address are counted up to a bound: one program cannot look like a crowd", () => {
    const all = reports();
    for (let request = 0; request < 10_000; request++) all.add("a", undefined, "192.0.2.1", 101);
    expect(all.viewers("a", 101)).toBe(500);
  });

  it("of one IPv6 line are bounded as those of one address, whatever addresses of its network they take", () => {
    const all = reports();
    for (let request = 0; request < 2000; request++)
      all.add("a", undefined, `2001:db8::${request.toString(16)}:1`, 101);
    expect(all.viewers("a", 101)).toBe(500);
    all.add("a", undefined, "2001:db8:0:1::1", 101);
    all.add("a", undefined, "::ffff:192.0.2.1", 101);
    all.add("a", undefined, "::ffff:192.0.2.2", 101);
    expect(all.viewers("a", 101)).toBe(503);
  });

  it.each([undefined, "", "b", "__proto__", "constructor", "a\0", "A"])("are not those who say %j", (pathway) => {
    const all = reports();
    all.add(pathway, "1000", "192.0.2.1", 101);
    expect([all.viewers("a", 101), all.viewers("origin", 101)]).toEqual([0, 0]);
  });
});

describe("their speed", () => {
  it("is the median, so one player's lie changes nothing", () => {
    const all = reports();
    for (const speed of ["4000000", "5000000", "6000000", "390000000000", "1"]) all.add("a", speed, speed, 101);
    expect(all.kbps("a", 101)).toBe(5000);
  });

  it.each(["", "-1", "0", "1e9", "NaN", "Infinity", "5000000.5", "999999999999", "9".repeat(500), "０"])(
    "is not %j",
    (speed) => {
      const all = reports();
      all.add("a", speed, "192.0.2.1", 101);
      expect([all.viewers("a", 101), all.kbps("a", 101)]).toEqual([1, undefined]);
    },
  );
});
