import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExhaustive, sample } from "../lib/exhaustive.ts";
import { needsSpeech } from "../lib/speech/needs-speech.ts";
import { type SpeechServer, startSpeechServer } from "../lib/speech/speech-server.ts";
import { silence } from "../lib/speech/spoken-text.ts";
import { connectVosk, endOfStream, type VoskClient } from "../lib/speech/vosk-client.ts";

let server: SpeechServer;
beforeAll(async () => {
  if (needsSpeech.skip) return;
  server = await startSpeechServer("--engine", "pocketsphinx", "--language", "en", "--config-seconds", "2");
});
afterAll(() => server?.end());

const config = (value: unknown) => JSON.stringify({ config: value });
const good = config({ sample_rate: 16_000 });
const tooLong = Array.from({ length: 600 }, (_, at) => `word${at}`);

interface BadClient {
  readonly what: string;
  readonly sends: () => readonly (string | Buffer)[];
  readonly close: RegExp;
}

const badClients: readonly BadClient[] = [
  { what: "a text that is not JSON", sends: () => ["hello"], close: /^1008 expected \{"config"/ },
  { what: "JSON that is no configuration", sends: () => ["[1]"], close: /^1008 expected/ },
  { what: "deeply nested JSON", sends: () => [`${"[".repeat(50_000)}`], close: /^1008 expected/ },
  { what: "sound before the configuration", sends: () => [silence(0.1)], close: /^1008 the first message must be/ },
  {
    what: "another sample rate",
    sends: () => [config({ sample_rate: 8000 })],
    close: /^1008 sample_rate must be 16000/,
  },
  {
    what: "too many words to favour",
    sends: () => [config({ favour: tooLong })],
    close: /^1008 favour must be a list/,
  },
  {
    what: "a phrase that is no text",
    sends: () => [config({ phrase_list: [7] })],
    close: /^1008 each phrase of phrase_list/,
  },
  { what: "half a sample", sends: () => [good, Buffer.alloc(3)], close: /^1008 .* odd number of bytes/ },
  { what: "an end that is not Vosk's", sends: () => [good, '{"eof": 1}'], close: /^1008 after the configuration/ },
  { what: "a second configuration", sends: () => [good, good], close: /^1008 after the configuration/ },
  { what: "a message of 10 MB", sends: () => [good, Buffer.alloc(10_000_000)], close: /^1009 / },
  { what: "no configuration in time", sends: () => [], close: /^1008 no configuration within 2 s/ },
];

/** Whether a good client is served. */
async function isServing(): Promise<boolean> {
  const client = await connectVosk(server.url);
  const { partial } = await client.ask(silence(0.5));
  const { text } = await client.ask(endOfStream);
  return partial === "" && text === "" && (await client.closed).startsWith("1000");
}

describe("the speech server", needsSpeech, () => {
  test.each(sample("bad clients of the speech server", badClients, 5))(
    "refuses $what, and says why",
    async ({ sends, close }) => {
      const client = await connectVosk(server.url, null);
      for (const message of sends()) client.tell(message);
      expect(await client.closed).toMatch(close);
      expect(await isServing()).toBe(true);
    },
  );

  test("refuses a page of another site, which a browser names", async () => {
    await expect(connectVosk(server.url, {}, { Origin: "https://evil.example" })).rejects.toThrow("403");
  });

  test("refuses one connection too many, and takes it when another has ended", async () => {
    const taken: VoskClient[] = [];
    for (let count = 0; count < 4; count++) taken.push(await connectVosk(server.url, null));
    await expect(connectVosk(server.url)).rejects.toThrow("503");
    for (const client of taken) client.close();
    await expect.poll(() => isServing().catch(() => false), { timeout: 30_000 }).toBe(true);
  });

  test("survives bytes that are no HTTP", async () => {
    const { port, hostname } = new URL(server.url);
    const socket = connect(Number(port), hostname)
      .on("error", () => {})
      .resume();
    socket.write(Buffer.alloc(100_000, 0xff));
    await once(socket, "close");
    expect(await isServing()).toBe(true);
    expect(server.log()).not.toContain("Traceback");
  });

  // It hears 17 minutes of silence.
  test.skipIf(!isExhaustive)("keeps its memory when a client floods it and reads nothing", async () => {
    const before = server.peakMegabytes();
    const client = await connectVosk(server.url);
    const piece = silence(50);
    for (let count = 0; count < 20; count++) client.tell(piece);
    expect(await isServing()).toBe(true);
    client.close();
    expect(server.peakMegabytes() - before).toBeLessThan(200);
  });
});
