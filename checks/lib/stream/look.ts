import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { type ProbeOptions, probe } from "../../../src/probe/probe.ts";
import { declaredForTests, hdRendition, makeTestClips, sdRendition, type TestClips } from "./served-renditions.ts";
import { serveStage, type TestRendition, type TestStage } from "./served-stage.ts";

/** For the tests of a file: encodes clips once, serves stages made of them, and probes them until the test ends. */
export function lookAtTestStages() {
  let clips: TestClips;
  beforeAll(async () => {
    const startMs = Date.now();
    clips = await makeTestClips(startMs);
    // The tests' clock stands at 15 s after the first segment, however long the tests take.
    vi.useFakeTimers({ toFake: ["Date"], now: startMs + 15_000 });
  });
  afterAll(() => void vi.useRealTimers());

  let stop = () => {};
  afterEach(() => stop());
  return {
    look: async (stage: TestStage, options: Partial<ProbeOptions> = {}) => {
      const { url, close, change } = await serveStage(stage);
      stop = close;
      return { change, report: probe({ url, renditions: declaredForTests, deadlineSeconds: 0.1, ...options }) };
    },
    sd: () => sdRendition(clips),
    hd: (changes: Partial<TestRendition> = {}) => hdRendition(clips, changes),
    clips: () => clips,
  };
}
