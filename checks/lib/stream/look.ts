import { createHash } from "node:crypto";
import { afterAll, beforeAll, vi } from "vitest";
import { type ProbeOptions, probe } from "../../../src/probe/probe.ts";
import {
  declaredForTests,
  type FaultyClips,
  hdRendition,
  makeTestClips,
  sdRendition,
  type TestClips,
} from "./served-renditions.ts";
import { serveStage, type TestRendition, type TestStage } from "./served-stage.ts";

// The tests show the same clips again and again: ffmpeg decodes each once.
vi.mock("../../../src/media/decode-segment.ts", async (original) => {
  const real = await original<typeof import("../../../src/media/decode-segment.ts")>();
  const decoded = new Map<string, ReturnType<typeof real.decodeSegment>>();
  const decodeSegment = (bytes: Buffer) => {
    const known = createHash("sha1").update(bytes).digest("hex");
    const result = decoded.get(known) ?? real.decodeSegment(bytes);
    decoded.set(known, result);
    return result;
  };
  return { ...real, decodeSegment };
});

/**
 * For the tests of a file: encodes clips once, serves stages made of them, each until its probe ends. `faulty` are the
 * clips that it needs besides those without a fault.
 */
export function lookAtTestStages(faulty: readonly FaultyClips[] = []) {
  let clips: TestClips;
  beforeAll(async () => {
    const startMs = Date.now();
    clips = await makeTestClips(startMs, faulty);
    // The tests' clock stands at 15 s after the first segment, however long the tests take.
    vi.useFakeTimers({ toFake: ["Date"], now: startMs + 15_000 });
  });
  afterAll(() => void vi.useRealTimers());

  return {
    look: async (stage: TestStage, options: Partial<ProbeOptions> = {}) => {
      const { url, close, change } = await serveStage(stage);
      const report = probe({ url, renditions: declaredForTests, deadlineSeconds: 0.1, ...options }).finally(close);
      return { change, report };
    },
    sd: () => sdRendition(clips),
    hd: (changes: Partial<TestRendition> = {}) => hdRendition(clips, changes),
    clips: () => clips,
  };
}
