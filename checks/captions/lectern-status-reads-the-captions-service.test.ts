import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { readCaptionsState } from "../../src/host/captions-client.ts";
import { type CaptionsStatus, statusServer, type TrackStatus } from "../../src/services/captions/captions-status.ts";

const spread = { p50: undefined, p95: 2.5 };
const track: TrackStatus = {
  ...{ language: "en", name: "English (automatic)", source: "speech", ready: false, fault: "it is gone" },
  ...{ words: 12, lateWords: 1, segments: 9, lateSegments: 0, commitSeconds: spread, wordSeconds: spread },
  ...{ over17Share: 0, over25Share: 0 },
};
const status: CaptionsStatus = {
  ...{ onAir: true, session: "20261130T080000Z", trailSegments: 3, sound: { paddedSeconds: 0, cutSeconds: 0 } },
  tracks: [track],
  faults: { files: { count: 2, reason: "no space left" }, keeper: { count: 0, reason: undefined } },
};

it("`lectern status` understands what the captions service tells", async () => {
  const server = statusServer(() => status).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    expect(await readCaptionsState(`127.0.0.1:${port}`, 10)).toEqual({
      ...{ onAir: true, trailSegments: 3 },
      tracks: [
        {
          ...{ language: "en", name: "English (automatic)", source: "speech", ready: false, fault: "it is gone" },
          ...{ words: 12, lateWords: 1 },
        },
      ],
      faults: { files: { count: 2, reason: "no space left" }, keeper: { count: 0 } },
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
