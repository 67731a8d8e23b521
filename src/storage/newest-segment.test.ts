import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookAtStorage, newestEnd } from "./newest-segment.ts";
import type { ObjectStorage } from "./object-storage.ts";

const playlist = (date: string) =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.000000,\n#EXT-X-PROGRAM-DATE-TIME:2026-11-26T01:31:21.620+0000\nstream-a-0.ts\n#EXTINF:1.500000,\n#EXT-X-PROGRAM-DATE-TIME:${date}\nstream-a-1.ts\n`;

it("reads when the last segment of Owncast's playlist ends", () => {
  expect(newestEnd(playlist("2026-11-26T01:31:23.620+0000"))).toBe(Date.parse("2026-11-26T01:31:25.120Z"));
  for (const text of ["", "#EXTM3U\n", playlist("yesterday"), "#EXT-X-PROGRAM-DATE-TIME:"])
    expect(newestEnd(text)).toBeUndefined();
});

describe("a look at the storage of a live stage", () => {
  let server: Server;
  let storage: ObjectStorage;
  /** The playlist that viewers get; undefined: none. And the status of a signed request. */
  let text: string | undefined;
  let signedStatus = 200;
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer(({ url = "", headers }, response) => {
      asked.push(url);
      if (headers.authorization) return void response.writeHead(signedStatus).end();
      response.writeHead(text === undefined ? 404 : 200).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    storage = {
      ...{ endpoint, bucket: "b", region: "r", acl: "", isPathStyle: true, accessKey: "AK", secretKey: "SK" },
      ...{ folder: "hls", viewers: `${endpoint}/b`, hasServingEndpoint: false },
    };
  });
  afterAll(() => void server.close());

  const now = Date.parse("2026-11-26T02:00:00Z");
  const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
  const look = (connectedSecondsAgo: number) =>
    lookAtStorage(storage, { connectedAt: now - connectedSecondsAgo * 1000, now, segmentSeconds: 2 });

  it("asks once if the newest segment is new", async () => {
    [text, asked.length] = [playlist(ago(6.5)), 0];
    expect(await look(600)).toEqual({ newestAgeSeconds: 5, finding: undefined });
    expect(asked).toEqual(["/b/hls/0/stream.m3u8"]);
  });

  it("waits for the first segments, 10 s and three segments", async () => {
    text = undefined;
    expect(await look(15)).toEqual({ newestAgeSeconds: undefined, finding: undefined });
    expect((await look(17)).finding).toMatchObject({ setting: "storage.objectStorage.bucket" });
  });

  it("counts no segment of an earlier stream", async () => {
    text = playlist(ago(30));
    expect(await look(20)).toMatchObject({ newestAgeSeconds: undefined, finding: { severity: "fault" } });
  });

  it("says by one more request whether the keys are refused", async () => {
    [text, signedStatus, asked.length] = [playlist(ago(60)), 401, 0];
    expect((await look(600)).finding).toMatchObject({ setting: "storage.objectStorage.accessKey", exitCode: 77 });
    expect(asked).toHaveLength(2);
    signedStatus = 200;
    expect((await look(600)).finding).toMatchObject({ setting: "storage.objectStorage.enabled" });
  });

  it("names a service that is down: the stream goes on at the stage, and viewers get nothing", async () => {
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
    const { newestAgeSeconds, finding } = await look(600);
    expect([newestAgeSeconds, finding]).toEqual([
      undefined,
      expect.objectContaining({ setting: "storage.objectStorage.endpoint", severity: "fault", exitCode: 69 }),
    ]);
  });
});
