import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { testCertificates } from "../../checks/lib/process/certificates.ts";
import { isPlayedFrom } from "./demo-storage.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-demo-storage-"));
const caFile = join(folder, "authority.pem");
let answer: { readonly status: number; readonly text: string };
const server = createServer((_, response) => {
  response.writeHead(answer.status).end(answer.text);
});

beforeAll(async () => {
  writeFileSync(caFile, testCertificates.authority);
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

const viewers = "http://127.0.0.1:9000/lectures";
const master = (...uris: readonly string[]): string =>
  `#EXTM3U\n${uris.map((uri) => `#EXT-X-STREAM-INF:BANDWIDTH=1\n${uri}\n`).join("")}`;

it.each([
  { what: "each rendition is in it", status: 200, text: master(`${viewers}/hls/0/stream.m3u8`), isPlayed: true },
  {
    what: "one rendition is at the stage",
    ...{ status: 200, text: master(`${viewers}/hls/0/stream.m3u8`, "1/stream.m3u8"), isPlayed: false },
  },
  {
    what: "they are in a bucket whose name begins alike",
    ...{ status: 200, text: master(`${viewers}2/hls/0/stream.m3u8`), isPlayed: false },
  },
  { what: "the stage answers 503", status: 503, text: "", isPlayed: false },
])("viewers play from the bucket: $isPlayed if $what", async ({ status, text, isPlayed }) => {
  answer = { status, text };
  const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await isPlayedFrom({ viewers }, { page, caFile })).toBe(isPlayed);
});
