import { expect, it } from "vitest";
import { freezes } from "./freezes.ts";

const shownAt = (...times: number[]) => times.map((atMs) => ({ atMs }));

it.each([
  { claim: "a picture that runs does not freeze", frames: shownAt(0, 400, 800), untilMs: 900, found: [] },
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
    claim: "one that has not ended counts as long as it was looked at",
    frames: shownAt(0, 400),
    untilMs: 1400,
    found: [{ fromMs: 400, seconds: 1 }],
  },
  { claim: "who saw nothing yet waits, and that is no freeze", frames: [], untilMs: 5000, found: [] },
])("$claim", ({ frames, untilMs, found }) => expect(freezes(frames, { untilMs })).toEqual(found));
