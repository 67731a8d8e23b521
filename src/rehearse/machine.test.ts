import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { isExhaustive } from "../../checks/lib/exhaustive.ts";
import { OwnMachine, spoiltBy } from "./machine.ts";

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

/** Computes without a pause. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it.runIf(isExhaustive).each([
  { what: "often", pauses: 2, blockMs: 450 },
  { what: "for longer than a second", pauses: 0, blockMs: 1200 },
])("a program that computes $what measures itself", async ({ pauses, blockMs }) => {
  const machine = new OwnMachine();
  for (let second = 0; second < 3; second++) {
    for (let pause = 0; pause < pauses; pause++) await sleep(10);
    block(blockMs);
    await sleep(1);
    machine.sample();
  }
  machine.stop();
  expect(machine.report(new Map()).spoiltBy).toContain("its event loop was over 100 ms late in 3 of 3 seconds");
});
