import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { needsSpeech } from "../lib/speech/needs-speech.ts";
import { startSpeechProgram } from "../lib/speech/speech-server.ts";
import { silence, speak } from "../lib/speech/spoken-text.ts";
import { connectVosk } from "../lib/speech/vosk-client.ts";

const program = join(import.meta.dirname, "../lib/speech/failing_server.py");

describe.runIf(isExhaustive)("an engine that fails", needsSpeech, () => {
  test("closes its own connection with 1011 and the reason, and no other one", async () => {
    const server = await startSpeechProgram(program, "--engine", "pocketsphinx", "--language", "en");
    try {
      const { pcm } = await speak("Good morning.");
      const [failing, other] = [await connectVosk(server.url), await connectVosk(server.url)];
      failing.tell(pcm);
      expect(await failing.closed).toBe("1011 the engine failed: the decoder is broken");
      expect(await other.ask(silence(1))).toMatchObject({ partial: "" });
      expect(server.log()).toContain("the engine failed: RuntimeError: the decoder is broken");
      expect(server.log()).not.toContain("Traceback");
      other.close();
    } finally {
      await server.end();
    }
  });
});
