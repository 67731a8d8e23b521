import { describe, expect, it } from "vitest";
import { nameOf, planFor } from "./plan.ts";

const names = (asked: string) => planFor(asked).map(nameOf);

describe("LECTERN_BENCH_FAR", () => {
  it("measures a usual set if it says nothing", () => {
    expect(names("")).toHaveLength(13);
    expect(names("")).toEqual(expect.arrayContaining(["stalls 2 s 3.2 Mbit/s", "browser 250 ms 1 % HTTP/3"]));
  });

  it("chooses from the usual set or from all, by the whole words that a name begins with", () => {
    expect(names("rates 250 ms")).toEqual(["rates 250 ms 0 %", "rates 250 ms 0.5 %", "rates 250 ms 1 %"]);
    expect(names("all; rates 250 ms; browser 20 ms")).toHaveLength(11);
    expect(names("all;stalls 1 s")).toEqual(["1.0", "1.6", "3.2", "4.5"].map((mbps) => `stalls 1 s ${mbps} Mbit/s`));
    expect(names("all")).toHaveLength(48);
  });

  it.each(["everything", "rates 25", "all;rates 20 ms;stall"])("refuses %s, and names what there is", (asked) => {
    const word = asked.split(";").at(-1);
    expect(() => planFor(asked)).toThrow(
      expect.objectContaining({ message: `LECTERN_BENCH_FAR names no measurement: ${word}` }),
    );
  });
});
