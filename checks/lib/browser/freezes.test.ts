import { expect, it } from "vitest";
import { freezes } from "./freezes.ts";

const shownAt = (...times: number[]) => times.map((atMs) => ({ atMs }));

it.each([
  { claim: "running video does not freeze", frames: shownAt(0, 400, 800), untilMs: 900, found: [] },
  {
    claim: "each gap is one freeze",
    frames: shownAt(0, 2000, 2400, 3000),
    untilMs: 3100,
    found: [
      { fromMs: 0, seconds: 2 },
      { fromMs: 2400, seconds: 0.6 },
    ],
  },
  {
    claim: "a freeze that has not ended counts up to the last look",
    frames: shownAt(0, 400),
    untilMs: 1400,
    found: [{ fromMs: 400, seconds: 1 }],
  },
  { claim: "the wait for the first frame is no freeze", frames: [], untilMs: 5000, found: [] },
])("$claim", ({ frames, untilMs, found }) => expect(freezes(frames, { untilMs })).toEqual(found));
