import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Adaptation, makeDealer, namedRungs, readShares, usualSplit } from "./choose-rendition.ts";

const variant = (height: number, kbps: number) => ({
  uri: `${height}`,
  width: height * 2,
  height,
  bandwidthBps: kbps * 1000,
});
const ladder = namedRungs([variant(360, 700), variant(1080, 5000), variant(720, 2500)]);
const namesOf = (rungs: readonly { readonly name: string }[]) => rungs.map(({ name }) => name);

describe("names of renditions", () => {
  it("are heights, the best one first", () => expect(namesOf(ladder)).toEqual(["1080p", "720p", "360p"]));
  it("tell two of one height apart", () =>
    expect(namesOf(namedRungs([variant(720, 1500), variant(720, 3000)]))).toEqual(["720p-3000k", "720p-1500k"]));
  it("are places in the ladder without a size", () =>
    expect(namesOf(namedRungs([variant(0, 100), variant(0, 900)]))).toEqual(["0", "1"]));
});

describe("shares", () => {
  it("become parts of 1, whatever they add up to", () =>
    expect(readShares("--split", "1080p=3,720p=1")).toEqual([
      { name: "1080p", share: 0.75 },
      { name: "720p", share: 0.25 },
    ]));
  it.each(["", "1080p", "1080p=", "1080p=0", "1080p=-1", "=3", "a=1,a=2", "a=1;b=2", "a=1e9", "a b=1", "a=Infinity"])(
    "refuse %j",
    (text) => expect(() => readShares("--split", text)).toThrow(/^--split .*expected NAME=SHARE/),
  );
  it.each([
    [1, [1]],
    [2, [0.7, 0.3]],
    [3, [0.7, 0.2, 0.1]],
    [5, [0.7, 0.2, 0.1]],
  ])("of %i renditions are Owncast's calculator's", (count, shares) => {
    const rungs = namedRungs(Array.from({ length: count }, (_, at) => variant(100 + at, 100 + at)));
    expect(usualSplit(rungs).map(({ share }) => share)).toEqual(shares);
  });
  it("are dealt so that every number of viewers is split as closely as it can be", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 300 }),
        (weights, count) => {
          const sum = weights.reduce((total, weight) => total + weight, 0);
          const shares = weights.map((weight, at) => ({ name: `${at}`, share: weight / sum }));
          const deal = makeDealer(shares);
          const names = Array.from({ length: count }, deal);
          for (const { name, share } of shares) {
            const dealt = names.filter((each) => each === name).length;
            expect(Math.abs(dealt - share * count)).toBeLessThan(shares.length);
          }
        },
      ),
    ));
  it("of nothing get nobody", () => {
    const deal = makeDealer([
      { name: "page", share: 0 },
      { name: "video", share: 1 },
    ]);
    expect(Array.from({ length: 10 }, deal)).not.toContain("page");
  });
});

describe("an adaptive viewer", () => {
  const names = (...mbps: number[]) => {
    const adaptation = new Adaptation(ladder);
    return mbps.map((rate) => adaptation.next(rate * 1e6).name);
  };
  it("starts with the lowest rendition", () => expect(new Adaptation(ladder).first().name).toBe("360p"));
  it("takes the best one that leaves a fifth to spare", () =>
    expect([5.9, 6.1, 2.9, 3.1, 0.1].map((rate) => names(rate)[0])).toEqual(["720p", "1080p", "360p", "720p", "360p"]));
  it("goes down when its line gets worse, and up when it is better again", () =>
    expect(names(20, 1, 1, 1, 1, 20, 20)).toEqual(["1080p", "1080p", "720p", "360p", "360p", "1080p", "1080p"]));
});
