import type { CaptionSource, Segment, StageSeconds, TimedWord } from "./source.ts";
import { type SpeechClientOptions, type SpeechFigures, startSpeechClient } from "./speech-client.ts";

/** Words of a speech server that hears the stage's own sound. */
export interface SpeechSource extends CaptionSource {
  readonly figures: SpeechFigures;
}

const rate = 16_000;
const sampleAt = (time: StageSeconds): number => Math.round(time * rate);

/** Starts one. It is ready as soon as its server answers, and whenever the server is back. */
export function startSpeechSource(options: SpeechClientOptions): SpeechSource {
  const client = startSpeechClient(options);
  // Stage time and samples both go on without gaps, so one distance holds for all time.
  let base: number | undefined;
  let heardUntil: StageSeconds = 0;
  let sessionStart: StageSeconds = 0;
  return {
    get isReady() {
      return client.isReady;
    },
    get fault() {
      return client.fault;
    },
    get figures() {
      return client.figures;
    },
    hear({ start, end }: Segment, pcm: Buffer) {
      base ??= sampleAt(start);
      heardUntil = end;
      client.send(pcm);
    },
    settled: () => (base === undefined ? 0 : (base + client.heard().settledSample) / rate),
    commit({ end }: Segment): TimedWord[] {
      if (base === undefined) return [];
      const from = base;
      const words = client.takeWords(sampleAt(end) - from).map(({ text, startSample, endSample }) => ({
        text,
        start: (from + startSample) / rate,
        end: (from + endSample) / rate,
      }));
      // A word of the last stream that came too late for it.
      return words.filter(({ start }) => start >= sessionStart);
    },
    endSession() {
      sessionStart = heardUntil;
    },
    async stop() {
      client.stop();
    },
  };
}
