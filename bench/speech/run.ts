import { median } from "../../checks/lib/median.mjs";
import { over, type QuietSound, quietSounds, secondsOf, soundFile, soundOf } from "../../checks/lib/speech/sounds.ts";
import { englishEngines, type SpeechServer, startSpeechServer } from "../../checks/lib/speech/speech-server.ts";
import { type SpokenText, silence, speak, spokenTextFile } from "../../checks/lib/speech/spoken-text.ts";
import { type Transcript, textOf, transcribe } from "../../checks/lib/speech/vosk-client.ts";
import { wordErrors } from "../../checks/lib/speech/word-errors.ts";
import type { Speaker } from "../../src/publish/speech.ts";
import { cpuSecondsOf } from "../live-stage.mjs";
import { stableDelays } from "./stable-words.ts";

const texts = ["gettysburg", "lecture"] as const;
const decibelsOverMusic = [20, 10] as const;
const noiseSeconds = 60 * Number(process.env.LECTERN_BENCH_MINUTES ?? 10);
// So that it can run in pieces.
const chosen = (variable: string, all: readonly string[]): ReadonlySet<string> =>
  new Set(process.env[variable]?.split(",") ?? all);
const engines = chosen("LECTERN_BENCH_ENGINES", ["pocketsphinx", "sherpa-onnx", "vosk"]);
const parts = chosen("LECTERN_BENCH_PARTS", ["texts", "noises"]);
const after = "Good morning and welcome to the second day of our conference.";

interface Spoken {
  readonly name: string;
  readonly text: string;
  readonly pcm: Buffer;
}

interface Material {
  readonly spoken: readonly Spoken[];
  /** The same texts by another voice of flite, which engines hear worse. */
  readonly spokenAgain: readonly Spoken[];
  readonly music: Buffer;
  readonly after: SpokenText;
}

/** Measures each engine that is here, one after the other. */
export async function runSpeech(): Promise<void> {
  const spoken = await Promise.all(texts.map((name) => spokenBy("rms", name)));
  const spokenAgain = await Promise.all(texts.map((name) => spokenBy("slt", name)));
  const longest = Math.max(...spoken.map(({ pcm }) => secondsOf(pcm)));
  const material = { spoken, spokenAgain, music: await soundOf("music", longest + 1), after: await speak(after) };
  for (const { engine, args } of englishEngines()) if (engines.has(engine)) await runEngine(engine, args, material);
  if (engines.has("vosk")) await runVosk(material);
}

async function spokenBy(speaker: Speaker, name: (typeof texts)[number]): Promise<Spoken> {
  const text = spokenTextFile(name);
  return { name: `${name} by ${speaker}`, text, pcm: (await speak(text, speaker)).pcm };
}

async function runEngine(engine: string, args: readonly string[], material: Material): Promise<void> {
  const server = await startSpeechServer(...args);
  try {
    const loaded = server.peakMegabytes();
    for (const { name, text, pcm } of parts.has("texts") ? material.spoken : []) {
      report(`${engine}: ${name}`, text, await measured(server, pcm));
      for (const decibels of decibelsOverMusic)
        report(
          `${engine}: ${name}, ${decibels} dB over music`,
          text,
          await measured(server, over(pcm, material.music, decibels)),
        );
    }
    for (const { name, text, pcm } of parts.has("texts") ? material.spokenAgain : [])
      report(`${engine}: ${name}`, text, await measured(server, pcm));
    if (parts.has("noises")) await runNoises(engine, server, material.after);
    console.log(`${engine}: ${loaded.toFixed(0)} MB with the model, ${server.peakMegabytes().toFixed(0)} MB at most`);
  } finally {
    await server.end();
  }
}

/**
 * The true Vosk: no package registry has an English model, so this measures what a model of any language can show. flite speaks
 * English only: for another language, `VOSK_SOUND` is a file with speech, and what is heard is printed.
 */
async function runVosk({ spoken, after: speech }: Material): Promise<void> {
  const { VOSK_MODEL: model, VOSK_LANGUAGE: language = "en", VOSK_SOUND: sound } = process.env;
  if (!model) {
    console.log("vosk: not measured, because it brings no model → VOSK_MODEL=<folder> VOSK_LANGUAGE=<language>");
    return;
  }
  const server = await startSpeechServer("--engine", "vosk", "--model", model, "--language", language);
  try {
    for (const { name, text, pcm } of parts.has("texts") && !sound ? spoken : [])
      report(`vosk (${language}): ${name}`, text, await measured(server, pcm));
    if (sound) {
      const { transcript, realTimeFactor } = await measured(server, await soundFile(sound));
      console.log(`vosk (${language}): ${textOf(transcript.words)}; real-time factor ${realTimeFactor.toFixed(3)}`);
    }
    if (parts.has("noises")) await runNoises(`vosk (${language})`, server, speech);
    console.log(`vosk (${language}): ${server.peakMegabytes().toFixed(0)} MB at most`);
  } finally {
    await server.end();
  }
}

async function runNoises(engine: string, server: SpeechServer, speech: SpokenText): Promise<void> {
  for (const kind of Object.keys(quietSounds) as QuietSound[]) {
    const noise = await soundOf(kind, noiseSeconds);
    const pcm = Buffer.concat([noise, speech.pcm.subarray(silence(1).length)]);
    const { transcript, realTimeFactor } = await measured(server, pcm);
    const early = transcript.words.filter(({ end }) => end < noiseSeconds);
    const heard = transcript.words.filter(({ end }) => end >= noiseSeconds);
    const { errors, words } = wordErrors(after, textOf(heard));
    console.log(
      `${engine}: ${noiseSeconds / 60} minutes of ${kind}: ${early.length} words; of the speech that follows at once, ` +
        `${words - errors} of ${words} words right; real-time factor ${realTimeFactor.toFixed(3)}`,
    );
  }
}

interface Measured {
  readonly transcript: Transcript;
  /** Processor time of the server for a second of sound. */
  readonly realTimeFactor: number;
}

async function measured(server: SpeechServer, pcm: Buffer): Promise<Measured> {
  const before = cpuSecondsOf(`${server.pid}`);
  const transcript = await transcribe(server.url, pcm);
  return { transcript, realTimeFactor: (cpuSecondsOf(`${server.pid}`) - before) / secondsOf(pcm) };
}

function report(what: string, said: string, { transcript, realTimeFactor }: Measured): void {
  const { errors, words, rate } = wordErrors(said, textOf(transcript.words));
  const delays = stableDelays(transcript).toSorted((one, other) => one - other);
  const late = delays[Math.floor(delays.length * 0.95)] ?? 0;
  console.log(
    `${what}: ${(rate * 100).toFixed(1)} % of the words wrong (${errors} of ${words}); real-time factor ` +
      `${realTimeFactor.toFixed(3)}; a word is stable ${median(delays).toFixed(1)} s after its end, 19 of 20 within ${late.toFixed(1)} s`,
  );
}
