import type { FakeSpeechServer, Hears } from "./fake-speech-server.ts";

const rate = 16_000;
const windowSamples = 160;
const loud = 1000;
const pauseSeconds = 0.5;

interface Beep {
  readonly word: string;
  readonly start: number;
  end: number;
}

/**
 * Makes a fake speech server hear each tone as one word, to 10 ms: it measures when captions are shown, and does not guess. Its
 * results are like Vosk's: partial ones with times, and a final one after half a second of silence.
 */
export function hearBeeps(server: FakeSpeechServer, word = "beep"): void {
  const beeps = new WeakMap<object, Beep[]>();
  const hears: Hears = (call, samples, pcm) => {
    const before = beeps.get(call) ?? [];
    const from = samples - pcm.length / 2;
    const heard = [...before];
    for (let at = 0; at < pcm.length / 2; at += windowSamples) {
      if (!isLoud(pcm, at)) continue;
      const start = (from + at) / rate;
      const end = (from + at + windowSamples) / rate;
      const last = heard.at(-1);
      if (last && start - last.end < 0.05) last.end = end;
      else heard.push({ word, start, end });
    }
    const last = heard.at(-1);
    const isOver = last !== undefined && samples / rate - last.end > pauseSeconds;
    beeps.set(call, isOver ? [] : heard);
    const text = heard.map(({ word }) => word).join(" ");
    call.answer(isOver ? { result: heard, text } : { partial: text, partial_result: heard });
  };
  server.hears = hears;
}

function isLoud(pcm: Buffer, at: number): boolean {
  const until = Math.min(pcm.length / 2, at + windowSamples);
  let sum = 0;
  for (let sample = at; sample < until; sample++) sum += Math.abs(pcm.readInt16LE(sample * 2));
  return sum / (until - at) > loud;
}
