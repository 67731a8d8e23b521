import { afterEach, expect, it, vi } from "vitest";
import { type FakeSpeechServer, startFakeSpeechServer } from "../../../checks/lib/captions/fake-speech-server.ts";
import type { Segment } from "./source.ts";
import { type SpeechSource, startSpeechSource } from "./speech-source.ts";

const rate = 16_000;
const patience = { timeout: 30_000, interval: 20 };
const segmentAt = (start: number): Segment => ({
  ...{ file: `stream-a-${start}.ts`, start, end: start + 2, madeAtMs: undefined, discontinuity: false },
});
let server: FakeSpeechServer;
let source: SpeechSource;
afterEach(async () => {
  await source.stop();
  await server.close();
});

it("a word that comes too late for its stream is no part of the next one", { timeout: 60_000 }, async () => {
  server = await startFakeSpeechServer();
  server.hears = ({ answer }, samples) => {
    if (samples < 4 * rate) return answer({ partial: "" });
    const result = [
      { word: "late", start: 1, end: 1.4, conf: 1 },
      { word: "new", start: 2.5, end: 2.9, conf: 1 },
    ];
    answer({ text: "late new", result });
  };
  source = startSpeechSource({ address: server.address, language: "en", favour: [], say: () => {} });
  await vi.waitFor(() => expect(source.isReady).toBe(true), patience);
  const [last, first] = [segmentAt(0), segmentAt(2)];
  source.hear(last, Buffer.alloc(4 * rate));
  expect(source.commit(last)).toEqual([]);
  source.endSession?.();
  source.hear(first, Buffer.alloc(4 * rate));
  await vi.waitFor(() => expect(source.figures.lagSeconds).toBe(0), patience);
  expect(source.commit(first)).toEqual([{ text: "new", start: 2.5, end: 2.9 }]);
});
