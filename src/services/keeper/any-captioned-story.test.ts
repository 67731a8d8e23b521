import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs, sample } from "../../../checks/lib/exhaustive.ts";
import { readRecording } from "../../../checks/lib/keeper/recording.ts";
import { Replay } from "../../../checks/lib/keeper/replay.ts";

const folder = new URL("../../../checks/lib/keeper/recordings/", import.meta.url);
const recordings = readdirSync(folder).map((name) => ({
  name,
  changes: readRecording(readFileSync(new URL(name, folder), "utf8")),
}));

const share = fc.double({ min: 0, max: 1, noNaN: true });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("play" as const), changes: fc.integer({ min: 1, max: 15 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("caption" as const), share: fc.oneof(share, fc.constant(1)) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("serve" as const),
      trail: fc.option(fc.integer({ min: 2, max: 6 }), { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("tear" as const), file: fc.integer({ min: 0, max: 4 }), share }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("takeUp" as const),
      recording: fc.integer({ min: 0, max: recordings.length - 1 }),
      share,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 60_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
);

describe("the playlist of a caption track", () => {
  it.each(sample("recorded streams with captions", recordings, 2))(
    "follows the video's in a recording of a real Owncast, $name",
    ({ changes }) => {
      const replay = new Replay({ captions: true });
      try {
        replay.takeUp(changes, 0);
        replay.serve(2);
        for (const [index] of changes.entries()) {
          replay.play(1, true);
          if (index % 3 === 0) replay.caption(index % 2 === 0 ? 1 : 0.8);
        }
        expect(replay.captions.all).toBeGreaterThan(changes.length / 2);
        expect(replay.captions.cut).toBeGreaterThan(0);
        // After a lost camera captions come before their picture.
        expect(replay.captions.ahead).toBeGreaterThan(0);
      } finally {
        replay.remove();
      }
    },
  );

  it("is one valid list with the video's numbers, whatever happens to the stream and to the captions service", () => {
    const answers = { all: 0, cut: 0, short: 0, waited: 0 };
    const stories = fc.array(step, { minLength: 5, maxLength: 25 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: recordings.length - 1 }), stories, (first, steps) => {
        const replay = new Replay({ captions: true });
        try {
          replay.takeUp(recordings[first]?.changes ?? [], 0);
          for (const one of steps) {
            if (one.do === "play") replay.play(one.changes, true);
            if (one.do === "caption") replay.caption(one.share);
            if (one.do === "serve") replay.serve(one.trail);
            if (one.do === "tear") replay.tear(one.file, one.share);
            if (one.do === "takeUp") replay.takeUp(recordings[one.recording]?.changes ?? [], one.share);
            if (one.do === "wait") replay.wait(one.ms);
            if (one.do === "kill") replay.kill();
          }
          answers.all += replay.captions.all;
          answers.cut += replay.captions.cut;
          answers.short += replay.captions.short;
          answers.waited += replay.captions.waited;
        } finally {
          replay.remove();
        }
      }),
      { numRuns: runs(20, 150) },
    );
    expect(answers.all).toBeGreaterThan(runs(200, 1500));
    expect(answers.cut).toBeGreaterThan(runs(60, 500));
    expect(answers.waited).toBeGreaterThan(runs(20, 300));
    // Few stories become so long. A short one of the sample may have none.
    expect(answers.short).toBeGreaterThanOrEqual(runs(0, 20));
  });
});
