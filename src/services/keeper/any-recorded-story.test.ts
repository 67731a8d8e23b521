import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { readRecording, writeRecording } from "../../../checks/lib/keeper/recording.ts";
import { Replay } from "../../../checks/lib/keeper/replay.ts";

const folder = new URL("../../../checks/lib/keeper/recordings/", import.meta.url);
const recordings = readdirSync(folder).map((name) => {
  const text = readFileSync(new URL(name, folder), "utf8");
  return { name, text, changes: readRecording(text) };
});

const anyRecording = fc.integer({ min: 0, max: recordings.length - 1 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** The possible events; a random story is a list of them. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("play" as const),
      changes: fc.integer({ min: 1, max: 15 }),
      isSeen: fc.constant(true),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("play" as const),
      changes: fc.integer({ min: 1, max: 80 }),
      isSeen: fc.constant(false),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("tear" as const), file: fc.integer({ min: 0, max: 4 }), share }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("takeUp" as const),
      recording: anyRecording,
      share,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 60_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reboot" as const), share }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("jump" as const), ms: fc.integer({ min: -4_000_000, max: 4_000_000 }) }),
  },
);

describe.each(recordings)("a recording of a real Owncast, $name,", ({ text, changes }) => {
  it("gives players valid playlists, and never an end before the grace", () => {
    const replay = new Replay();
    try {
      replay.takeUp(changes, 0);
      replay.play(changes.length, true);
      expect(replay.answers).toBeGreaterThan(changes.length / 2);
    } finally {
      replay.remove();
    }
  });

  it("contains incomplete playlists, and stays the same if it is read and written again", () => {
    expect(changes.some((change) => change.text === "")).toBe(true);
    const rewritten = writeRecording(changes, []);
    expect(readRecording(rewritten)).toEqual(changes);
    expect(rewritten.length).toBeLessThanOrEqual(text.length);
  });
});

it("every playlist is a valid continuation of the one before, for any mix of recordings with incomplete playlists", () => {
  let answers = 0;
  fc.assert(
    fc.property(anyRecording, fc.array(step, { maxLength: 25 }), (first, steps) => {
      const replay = new Replay();
      try {
        replay.takeUp(recordings[first]?.changes ?? [], 0);
        for (const one of steps) {
          if (one.do === "play") replay.play(one.changes, one.isSeen);
          if (one.do === "tear") replay.tear(one.file, one.share);
          if (one.do === "takeUp") replay.takeUp(recordings[one.recording]?.changes ?? [], one.share);
          if (one.do === "wait") replay.wait(one.ms);
          if (one.do === "kill") replay.kill();
          if (one.do === "reboot") replay.reboot(one.share);
          if (one.do === "jump") replay.jump(one.ms);
        }
        replay.checkFreshness();
        replay.checkHeld();
        answers += replay.answers;
      } finally {
        replay.remove();
      }
    }),
    { numRuns: runs(40, 300) },
  );
  expect(answers).toBeGreaterThan(runs(400, 4000));
});
