import { describe, expect, it } from "vitest";
import { spoiltBy } from "./machine.ts";

const well = { seconds: 60, busy: 0, late: 0, network: 0 };

describe("a rehearsal is spoilt", () => {
  it.each([
    ["a busy processor", { busy: 7 }, /processor was busy all the time in 7 of 60 seconds/],
    ["a late event loop", { late: 7 }, /over 100 ms late in 7 of 60/],
    ["a full network card", { network: 60 }, /network card was full in 60 of 60/],
  ])("by %s", (_, trouble, text) =>
    expect(spoiltBy({ ...well, ...trouble }, new Map())).toEqual([expect.stringMatching(text)]),
  );

  it("by what the machine has not left", () =>
    expect(spoiltBy(well, new Map([["segment: this machine has no port left", 3]]))).toEqual([
      "segment: this machine has no port left (3 times)",
    ]));

  it.each([
    ["a few bad seconds", { busy: 6, late: 6, network: 6 }],
    ["a bad start", { seconds: 10, late: 2 }],
  ])("not by %s", (_, trouble) =>
    expect(spoiltBy({ ...well, ...trouble }, new Map([["segment: status 404", 900]]))).toEqual([]),
  );
});
