import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { Watch } from "../../../checks/lib/keeper/model-watch.ts";
import { readState, writeState } from "./state-file.ts";

const torn = ["stream.m3u8", "0/stream.m3u8", "1/stream.m3u8", "2/stream.m3u8", "3/stream.m3u8"];

const folder = mkdtempSync(join(tmpdir(), "lectern-story-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Kills and restarts the keeper: it knows only its written state, and every state must be readable. */
function revive(watch: Watch): void {
  const file = join(folder, "state.json");
  writeState(file, watch.state, watch.nowMs);
  watch.state = readState(file, watch.nowMs, (line) => {
    throw new Error(line);
  });
}

/** The possible events; a random story is a list of them. */
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("segment" as const),
      of: fc.integer({ min: 1, max: 4 }),
      seconds: fc.option(fc.constantFrom(0.3, 1, 2.4, 7.6), { freq: 4, nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 40_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("drop" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("connect" as const),
      variants: fc.integer({ min: 1, max: 4 }),
      seconds: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cleanUp" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("torn" as const),
      file: fc.integer({ min: 0, max: 4 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("revive" as const) }) },
);

it("every playlist is a valid continuation of the one before, whatever Owncast does", () => {
  let answers = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const watch = new Watch();
      watch.owncast.start(2);
      for (const one of steps) {
        if (one.do === "segment") watch.owncast.segment(one.of, one.seconds);
        if (one.do === "drop") watch.owncast.drop();
        if (one.do === "connect") watch.owncast.connect(one.variants, one.seconds, 5);
        if (one.do === "restart") watch.owncast.start(2);
        if (one.do === "cleanUp") watch.owncast.cleanUp();
        if (one.do === "revive") revive(watch);
        if (one.do === "torn")
          watch.look((name, text) =>
            name === torn[one.file] ? text.slice(0, one.file === 0 ? 0 : one.part * text.length) : text,
          );
        watch.wait(one.do === "wait" ? one.ms : 100);
        answers += watch.state.variants.length;
      }
    }),
    { numRuns: runs(80, 500) },
  );
  expect(answers).toBeGreaterThan(runs(500, 5000));
});
