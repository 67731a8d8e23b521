import { afterEach, expect, it, vi } from "vitest";
import { type FakeSpeechServer, startFakeSpeechServer } from "../../../checks/lib/captions/fake-speech-server.ts";
import { isExhaustive } from "../../../checks/lib/exhaustive.ts";
import { type SpeechClient, startSpeechClient } from "./speech-client.ts";

const second = 16_000;
const sound = (seconds: number): Buffer => Buffer.alloc(seconds * second * 2);
const patience = { timeout: 30_000, interval: 20 };
const closing: (() => unknown)[] = [];
const said: string[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  said.length = 0;
});

async function fakeServer(port?: number): Promise<FakeSpeechServer> {
  const server = await startFakeSpeechServer(port);
  closing.push(() => server.close());
  return server;
}

function clientOf(address: string): SpeechClient {
  const client = startSpeechClient({ address, language: "en", favour: ["owncast"], say: (line) => said.push(line) });
  closing.push(() => client.stop());
  return client;
}

const isReady = (client: SpeechClient) => vi.waitFor(() => expect(client.isReady).toBe(true), patience);
const texts = (client: SpeechClient): string[] => client.takeWords(Number.MAX_SAFE_INTEGER).map(({ text }) => text);

it("counts samples on over reconnects", { timeout: 60_000 }, async () => {
  const server = await fakeServer();
  // Says a word for each second of its connection.
  server.hears = ({ answer }, samples) => {
    const at = samples / second;
    if (!Number.isInteger(at)) return answer({ partial: "" });
    answer({ text: `second ${at}`, result: [{ word: `${at}`, start: at - 0.5, end: at - 0.1, conf: 1 }] });
  };
  const client = clientOf(server.address);
  await isReady(client);
  expect(server.calls[0]?.config()).toMatchObject({ sample_rate: second, favour: ["owncast"] });
  client.send(sound(2));
  await vi.waitFor(() => expect(client.figures.lagSeconds).toBe(0), patience);
  expect(client.takeWords(2 * second)).toMatchObject([
    { text: "1", startSample: 0.5 * second, endSample: 0.9 * second },
    { text: "2", startSample: 1.5 * second },
  ]);
  server.calls[0]?.socket.terminate();
  await vi.waitFor(() => expect(client.isReady).toBe(false), patience);
  client.send(sound(1));
  await isReady(client);
  await vi.waitFor(() => expect(client.figures.lagSeconds).toBe(0), patience);
  expect(client.takeWords(3 * second)).toMatchObject([{ text: "1", startSample: 2.5 * second }]);
  expect(said).toHaveLength(2);
});

it("drops the oldest sound for a server that is too slow, and says so", { timeout: 60_000 }, async () => {
  const server = await fakeServer();
  const waiting: (() => void)[] = [];
  server.hears = ({ answer }) => waiting.push(() => answer({ partial: "" }));
  const client = clientOf(server.address);
  await isReady(client);
  for (let at = 0; at < 30; at++) client.send(sound(1));
  expect(client.figures.lagSeconds).toBeLessThanOrEqual(10);
  expect(client.figures.droppedSeconds).toBe(20);
  expect(said).toEqual([expect.stringContaining("too slow")]);
  await vi.waitFor(() => expect(waiting).toHaveLength(8), patience);
  server.hears = ({ answer }, samples) =>
    answer({ text: "x", result: [{ word: `${samples}`, start: samples / second - 0.2, end: samples / second }] });
  for (const answer of waiting) answer();
  await vi.waitFor(() => expect(client.figures.lagSeconds).toBe(0), patience);
  // Its own count goes on where sound was dropped, and ours does not.
  expect(client.takeWords(30 * second + 1).at(-1)).toMatchObject({ text: `${10 * second}`, endSample: 30 * second });
});

it.each([
  ["garbage", "\u0000{[["],
  ["a number", "12"],
  ["no object", "null"],
  ["another object", '{"jsonrpc":"2.0"}'],
  ["words that are none", '{"text":"a","result":[1,null,{"word":5},{"word":""}]}'],
  ["a deep text", `{"text":${"[".repeat(50_000)}`],
])("goes on when the server answers %s", { timeout: 60_000 }, async (_, message) => {
  const server = await fakeServer();
  server.hears = ({ answer }) => answer(message);
  const client = clientOf(server.address);
  await isReady(client);
  client.send(sound(1));
  await vi.waitFor(() => expect(client.figures.lagSeconds).toBe(0), patience);
  expect(texts(client)).toEqual([]);
  server.hears = ({ answer }) => answer({ text: "well" });
  client.send(sound(0.25));
  await vi.waitFor(() => expect(texts(client)).toEqual(["well"]), patience);
  expect(client.figures.reconnects).toBe(0);
});

it.each<[string, FakeSpeechServer["hears"]]>([
  ["closes at each sound", ({ socket }) => socket.close()],
  ["sends 10 MB", ({ answer }) => answer(`{"text":"${"x".repeat(10_000_000)}"}`)],
  [
    "floods",
    ({ answer }) => {
      for (let count = 0; count < 20_000; count++) answer({ partial: "" });
    },
  ],
  [
    "says twelve thousand words at once",
    ({ answer }) => {
      for (let count = 0; count < 12; count++) answer({ text: "word ".repeat(1000) });
    },
  ],
])("comes back when the server %s", { timeout: 60_000 }, async (_, hears) => {
  const server = await fakeServer();
  server.hears = hears;
  const client = clientOf(server.address);
  await isReady(client);
  client.send(sound(0.25));
  await vi.waitFor(() => expect(client.figures.reconnects).toBeGreaterThan(0), patience);
  server.hears = ({ answer }) => answer({ text: "well" });
  await isReady(client);
  client.send(sound(0.25));
  await vi.waitFor(() => expect(texts(client)).toContain("well"), patience);
  expect(said[0]).toContain("has a fault");
});

it.runIf(isExhaustive)("gives a server up that answers nothing, and comes back", { timeout: 60_000 }, async () => {
  const server = await fakeServer();
  server.hears = () => {};
  const client = clientOf(server.address);
  await isReady(client);
  client.send(sound(0.25));
  await vi.waitFor(() => expect(client.figures.reconnects).toBe(1), patience);
  expect(said[0]).toContain("it does not answer");
  server.hears = ({ answer }) => answer({ text: "well" });
  // What it did not answer is sent again.
  await vi.waitFor(() => expect(texts(client)).toEqual(["well"]), patience);
});

it("finds a server that comes later, and is not ready before", { timeout: 60_000 }, async () => {
  const first = await fakeServer();
  const port = Number(first.address.split(":")[1]);
  await first.close();
  closing.pop();
  const client = clientOf(first.address);
  await vi.waitFor(() => expect(client.fault).toContain("ECONNREFUSED"), patience);
  client.send(sound(1));
  expect(client.heard().settledSample).toBe(0);
  client.send(sound(60));
  expect(client.heard().settledSample).toBeGreaterThan(0);
  await fakeServer(port);
  await isReady(client);
  expect(client.fault).toBeUndefined();
  expect(said.at(-1)).toContain("is there again");
});
