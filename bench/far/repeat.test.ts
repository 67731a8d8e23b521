import { expect, it } from "vitest";
import { untilConclusive } from "./repeat.ts";

/** Measures what a machine with these shares of late packets would: the value is the number of the try. */
async function measured(late: Readonly<Record<"a" | "b", readonly number[]>>) {
  const tries = { a: 0, b: 0 };
  const repeats: string[] = [];
  const result = await untilConclusive(
    ["a", "b"],
    async (key) => ({ latePercent: late[key][tries[key]]!, value: ++tries[key] }),
    (keys, round) => repeats.push(`${keys.join()} ${round}`),
  );
  return { result, repeats };
}

it("measures nothing again on a quiet machine", async () => {
  expect(await measured({ a: [5], b: [0] })).toEqual({
    result: { a: { value: 1, latePercent: 5, tries: 1 }, b: { value: 1, latePercent: 0, tries: 1 } },
    repeats: [],
  });
});

it("measures only what was late again, at most twice, and keeps the try with the fewest late packets", async () => {
  expect(await measured({ a: [6, 2], b: [30, 10, 20] })).toEqual({
    result: { a: { value: 2, latePercent: 2, tries: 2 }, b: { value: 2, latePercent: 10, tries: 3 } },
    repeats: ["a,b 2", "b 3"],
  });
});
