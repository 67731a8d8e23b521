import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExhaustive, sample } from "../lib/exhaustive.ts";
import { needsSpeech } from "../lib/speech/needs-speech.ts";
import { startSpeechServer, tryToStart } from "../lib/speech/speech-server.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-models-"));
  writeFileSync(join(folder, "file"), "no folder");
  mkdirSync(join(folder, "empty"));
  for (const [name, files] of Object.entries(wrong)) {
    mkdirSync(join(folder, name));
    for (const file of files) writeFileSync(join(folder, name, file), name === "bad-model" ? "a 0\n" : "not a model");
  }
  mkdirSync(join(folder, "huge"));
  for (const file of wrong["bad-model"]) writeFileSync(join(folder, "huge", file), "");
  // A hole: it takes no room on the disk.
  truncateSync(join(folder, "huge/encoder_model.ort"), 2 ** 42);
});
afterAll(() => rmSync(folder, { recursive: true }));

const wrong = {
  "bad-model": ["encoder_model.ort", "decoder_model_merged.ort", "tokens.txt"],
  "bad-tokens": ["encoder_model.ort", "decoder_model_merged.ort", "tokens.txt"],
  "wrong-sphinx": ["mdef", "en.lm.bin", "en.dict"],
  "wrong-vosk": ["final.mdl", "HCLG.fst"],
};

interface Refusal {
  readonly why: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly says: RegExp;
}

const refusals: readonly Refusal[] = [
  { why: "the engine is unknown", args: ["--engine", "espeak"], code: 64, says: /invalid choice: 'espeak'/ },
  {
    why: "the address is none",
    args: ["--engine", "vosk", "--listen", "here"],
    code: 64,
    says: /expected HOST:PORT or unix:PATH/,
  },
  { why: "a model is needed", args: ["--engine", "vosk"], code: 65, says: /Vosk brings no model: give --model/ },
  {
    why: "the model is missing",
    args: ["--engine", "vosk", "--model", "none"],
    code: 65,
    says: /none does not exist: give/,
  },
  {
    why: "the model is a file",
    args: ["--engine", "vosk", "--model", "file"],
    code: 65,
    says: /file is not a folder/,
  },
  {
    why: "the model's folder is empty",
    args: ["--engine", "sherpa-onnx", "--model", "empty"],
    code: 65,
    says: /empty has no encoder_model\.ort, decoder_model_merged\.ort/,
  },
  {
    why: "the model is another one's",
    args: ["--engine", "vosk", "--model", "wrong-sphinx"],
    code: 65,
    says: /has no final\.mdl/,
  },
  {
    why: "Vosk cannot read the model",
    args: ["--engine", "vosk", "--model", "wrong-vosk"],
    code: 65,
    says: /Vosk cannot load/,
  },
  {
    why: "PocketSphinx cannot read the model",
    args: ["--engine", "pocketsphinx", "--model", "wrong-sphinx"],
    code: 65,
    says: /pocketsphinx cannot load .*wrong-sphinx: the reason is in the line before/,
  },
  {
    why: "sherpa-onnx cannot read the model",
    args: ["--engine", "sherpa-onnx", "--model", "bad-model"],
    code: 65,
    says: /sherpa-onnx cannot load .*bad-model/,
  },
  {
    why: "sherpa-onnx would end at a list of tokens",
    args: ["--engine", "sherpa-onnx", "--model", "bad-tokens"],
    code: 65,
    says: /tokens\.txt:1: expected a token and its number/,
  },
  {
    why: "the model is larger than memory",
    args: ["--engine", "sherpa-onnx", "--model", "huge"],
    code: 65,
    says: /huge has 4096\.0 GiB, and [\d.]+ GiB of memory are free: take a smaller model/,
  },
];

describe("the speech server ends with a message", needsSpeech, () => {
  test.each(sample("speech models that are refused", refusals, 4))("if $why", async ({ args, code, says }) => {
    const words = args.map((word, at) => (args[at - 1] === "--model" ? join(folder, word) : word));
    const outcome = await tryToStart("--language", "en", ...words);
    expect(outcome).toMatchObject({ code, log: expect.stringMatching(says) });
    expect(outcome).toMatchObject({ log: expect.not.stringContaining("Traceback") });
  });

  test("if it has no model for the language", async () => {
    const outcome = await tryToStart("--engine", "pocketsphinx", "--language", "fr");
    expect(outcome).toMatchObject({ code: 65, log: expect.stringContaining("brings a model for en only, not for fr") });
  });
});

describe.runIf(isExhaustive)("the speech server's socket", needsSpeech, () => {
  const sphinx = ["--engine", "pocketsphinx", "--language", "en"];

  test("is refused to a second server, and removed at the end, which is clean", async () => {
    const path = join(folder, "socket");
    const first = await startSpeechServer(...sphinx, "--listen", `unix:${path}`);
    const second = await tryToStart(...sphinx, "--listen", `unix:${path}`);
    expect(second).toMatchObject({ code: 1, log: expect.stringContaining("another server uses it") });
    expect(await first.end("SIGINT")).toBe(0);
    const third = await startSpeechServer(...sphinx, "--listen", `unix:${path}`);
    expect(await third.end("SIGTERM")).toBe(0);
  });
});
