import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type FakeSpeechServer, startFakeSpeechServer } from "../../../checks/lib/captions/fake-speech-server.ts";
import { makeClip } from "../../../checks/lib/stream/clip.ts";
import { askSocket } from "../../lib/ask-socket.ts";
import { readTracks } from "../../lib/captions-tracks.ts";
import { CliError } from "../../lib/errors.ts";
import { findProgram } from "../../lib/programs.ts";
import { type CaptionsService, startCaptionsService } from "./captions-service.ts";
import type { CaptionsStatus } from "./captions-status.ts";

let folder: string;
let keeper: Server;
let listed: string[];
let ended: boolean;
let service: CaptionsService | undefined;
let speech: FakeSpeechServer | undefined;
let said: string[];
let clip: Buffer | undefined;
const patience = { timeout: 30_000, interval: 50 };

const stageFile = (tracks: string): string => {
  const file = join(folder, "stage.yaml");
  const ladder = "{ name: S, width: 320, height: 180, framerate: 15, bitrateKbps: 400 }";
  writeFileSync(
    file,
    `instance:\n  name: Test\nvideo:\n  ladder:\n    - ${ladder}\ncaptions:\n  tracks:\n${tracks}  glossary:\n    - { heard: nicks os, written: NixOS }\n`,
  );
  return file;
};
const english = "    - { language: en, source: speech }\n";
const german = "    - { language: de, source: speech }\n";
const captionsDir = () => join(folder, "captions");

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-captions-"));
  mkdirSync(join(folder, "hls/0"), { recursive: true });
  [listed, said, ended, service, speech] = [[], [], false, undefined, undefined];
  const text = () =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n${listed
      .map(
        (file) =>
          `#EXTINF:1.000000,\n#EXT-X-PROGRAM-DATE-TIME:2026-11-30T08:00:0${/\d/.exec(file)?.[0]}.000+0000\n${file}\n`,
      )
      .join("")}${ended ? "#EXT-X-ENDLIST\n" : ""}`;
  keeper = createServer((_, response) => {
    if (listed.length === 0) response.writeHead(503).end();
    else response.end(text());
  }).listen(0, "127.0.0.1");
  // As the keeper's own: Node would close an idle connection after 5 s, just when a slow machine asks again.
  keeper.keepAliveTimeout = 150_000;
  await once(keeper, "listening");
});
afterEach(async () => {
  await service?.stop();
  await speech?.close();
  keeper.closeAllConnections();
  keeper.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (seed: string, more: Partial<Parameters<typeof startCaptionsService>[0]>) => {
  service = await startCaptionsService({
    ...{ seed, hlsDir: join(folder, "hls"), captionsDir: captionsDir(), ffmpeg: findProgram("ffmpeg") },
    keeper: `127.0.0.1:${(keeper.address() as AddressInfo).port}`,
    ...{ speech: [], translate: [], say: (line: string) => void said.push(line), ...more },
  });
};
const languages = () => readTracks(captionsDir())?.tracks.map(({ language }) => language);
const untilTracks = (...expected: string[]) => vi.waitFor(() => expect(languages()).toEqual(expected), patience);
async function list(number: number): Promise<void> {
  clip ??= await makeClip({ width: 160, height: 90, fps: 10, seconds: 1, bitrateKbps: 100 });
  writeFileSync(join(folder, `hls/0/stream-a-${number}.ts`), clip);
  listed = [...listed, `stream-a-${number}.ts`];
}
const files = (language: string): string[] =>
  existsSync(join(captionsDir(), language)) ? readdirSync(join(captionsDir(), language)).sort() : [];

it("offers a track while its server is there, before a stream too, and each track for itself", {
  timeout: 60_000,
}, async () => {
  speech = await startFakeSpeechServer();
  await start(stageFile(english + german), { speech: [`en=${speech.address}`, "de=127.0.0.1:9"] });
  await untilTracks("en");
  await speech.close();
  await untilTracks();
  speech = await startFakeSpeechServer(Number(speech.address.split(":")[1]));
  await untilTracks("en");
  expect(said.filter((line) => line.includes("for en"))).toEqual([
    expect.stringContaining("has a fault"),
    expect.stringContaining("is there again"),
  ]);
  await service?.stop();
  expect(languages()).toEqual([]);
  service = undefined;
});

it("writes each segment's words, tells how it is, and keeps a transcript", { timeout: 60_000 }, async () => {
  speech = await startFakeSpeechServer();
  speech.hears = ({ answer }, samples) => {
    const at = samples / 16_000;
    const words = ["nicks", "os"].map((word, index) => ({
      word,
      start: at - 0.4 + index / 10,
      end: at - 0.3 + index / 10,
    }));
    answer(at === 0.5 ? { text: "nicks os", result: words } : { partial: "" });
  };
  const [status, transcriptDir] = [join(folder, "status.sock"), join(folder, "transcripts")];
  await start(stageFile(english), { speech: [`en=${speech.address}`], status: `unix:${status}`, transcriptDir });
  await untilTracks("en");
  for (const number of [0, 1, 2]) await list(number);
  await vi.waitFor(() => expect(files("en").length).toBeGreaterThanOrEqual(2), patience);
  const text = files("en").map((file) => readFileSync(join(captionsDir(), "en", file), "utf8"));
  expect(text.join()).toContain("NixOS");
  const ask = async (path: string) =>
    (await askSocket({ socketPath: status, path, seconds: 10, mostBytes: 100_000 })).text;
  const told = JSON.parse(await ask("/status")) as CaptionsStatus;
  expect(told).toMatchObject({ onAir: true, trailSegments: 2 });
  expect(told.session).toMatch(/^20261130T08000[012]Z$/);
  expect(told.tracks).toMatchObject([
    { language: "en", name: "English (automatic)", source: "speech", ready: true, words: 2, speech: { lagSeconds: 0 } },
  ]);
  const metrics = await ask("/metrics");
  expect(metrics).toMatch(/^lectern_captions_words_total\{language="en"\} 2$/m);
  expect(metrics).toMatch(/^lectern_captions_faulty\{kind="keeper"\} 0$/m);
  ended = true;
  const transcript = join(transcriptDir, `${told.session}-en.txt`);
  await vi.waitFor(
    () => expect(existsSync(transcript) && readFileSync(transcript, "utf8")).toContain("NixOS"),
    patience,
  );
  await vi.waitFor(async () => expect(await ask("/status")).toContain('"onAir":false'), patience);
});

it("goes on in the same session after a restart, and leaves files as they are", { timeout: 60_000 }, async () => {
  speech = await startFakeSpeechServer();
  const seed = stageFile(english);
  await start(seed, { speech: [`en=${speech.address}`] });
  for (const number of [0, 1]) await list(number);
  await vi.waitFor(() => expect(files("en")).toHaveLength(2), patience);
  await service?.stop();
  const file = join(captionsDir(), "en/stream-a-1.vtt");
  writeFileSync(file, "of the earlier run");
  const session = readFileSync(join(captionsDir(), "session.json"), "utf8");
  await start(seed, { speech: [`en=${speech.address}`] });
  await list(2);
  await vi.waitFor(() => expect(files("en")).toContain("stream-a-2.vtt"), patience);
  expect(readFileSync(file, "utf8")).toBe("of the earlier run");
  expect(readFileSync(join(captionsDir(), "session.json"), "utf8")).toBe(session);
});

const push = "    - { language: fr, source: push }\n";
const translation = "    - { language: es, source: translation, from: en }\n";
it.each<[string, string, Partial<Parameters<typeof startCaptionsService>[0]>, string]>([
  ["a speech track without a server", english, {}, "no --speech for the track en"],
  ["a server that no track needs", english, { speech: ["en=h:1", "de=h:1"] }, "no track de needs it"],
  ["a server that is named twice", english, { speech: ["en=h:1", "en=h:2"] }, "en is named twice"],
  ["a server without an address", english, { speech: ["en"] }, "expected LANGUAGE=…"],
  ["an address that is none", english, { speech: ["en=http://h/"] }, "expected host:port or unix:<path>"],
  ["a captioner without a door", push, {}, "no --listen"],
  [
    "a translation without a translator",
    english + translation,
    { speech: ["en=h:1"] },
    "no --translate for the track es",
  ],
  ["a keeper that is none", english, { speech: ["en=127.0.0.1:9"], keeper: "here" }, "--keeper here"],
  ["a status that is none", english, { speech: ["en=127.0.0.1:9"], status: "here" }, "--status here"],
])("refuses %s in words", async (_, tracks, more, words) => {
  const error = await start(stageFile(tracks), more).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CliError);
  expect((error as CliError).message).toContain(words);
});
