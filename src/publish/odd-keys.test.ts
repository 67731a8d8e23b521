import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { startIngest, type TestIngest } from "../../checks/lib/stream/rtmp-ingest.ts";
import { openIngest } from "../media/rtmp/rtmp-ingest.ts";
import { parseRtmpUrl } from "../media/rtmp/rtmp-target.ts";
import { obsProfile } from "./obs-profile.ts";
import { readStreamKey } from "./stream-key.ts";

let folder: string;
let ingest: TestIngest | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-odd-keys-"));
});
afterEach(() => ingest?.close());
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  "key?token=1",
  "100%",
  "a%20b",
  "key#1",
  "a&b=c",
  "correct horse",
  "a/b",
  "mp4:key",
  "q\"uo'te\\n",
  "[section]",
  "Schlüssel",
  "ключ-鍵-🔑",
  "k".repeat(512),
])("a key such as %s reaches the server and OBS unchanged", async (key) => {
  const file = join(folder, "key");
  writeFileSync(file, `${key}\n`);
  const streamKey = await readStreamKey(file);
  ingest = await startIngest();
  const target = parseRtmpUrl(`rtmp://127.0.0.1:${ingest.port}/live`);
  const { signal } = new AbortController();
  await (await openIngest({ target, streamKey, timeoutSeconds: 10, signal })).end();
  expect(ingest.streamKeys).toEqual([key]);
  const picture = { width: 1280, height: 720, framerate: 30, bitrateKbps: 2500 };
  const profile = obsProfile({ name: "Main", target, streamKey, picture, keyframeSeconds: 2 });
  expect(JSON.parse(profile["service.json"])).toMatchObject({ settings: { key } });
  expect(profile["basic.ini"]).not.toContain(key);
});
