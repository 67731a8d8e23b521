import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCamera } from "./camera-health.ts";
import type { GateState, StreamEnd } from "./gate-client.ts";

let hlsDir: string;
beforeEach(() => {
  hlsDir = mkdtempSync(join(tmpdir(), "lectern-hls-"));
});
afterEach(() => rmSync(hlsDir, { recursive: true }));

const segmentSeconds = 2;

/** A rendition's segments of 2 s. A new one arrived every so many seconds. */
function segmentsEvery(seconds: number, rendition = "0"): void {
  mkdirSync(join(hlsDir, rendition));
  const names = Array.from({ length: 8 }, (_, index) => `stream-x-${index}.ts`);
  names.forEach((name, index) => {
    writeFileSync(join(hlsDir, rendition, name), "");
    utimesSync(join(hlsDir, rendition, name), 1000 + index * seconds, 1000 + index * seconds);
  });
  const playlist = names.map((name) => `#EXTINF:${segmentSeconds}.0,\n${name}\n`).join("");
  writeFileSync(join(hlsDir, rendition, "stream.m3u8"), `#EXTM3U\n${playlist}`);
}

type Stream = NonNullable<NonNullable<GateState["inputs"][string]["publisher"]>["stream"]>;
const stream: Stream = { facts: { speed: 1 }, levelDbfs: undefined, findings: [] };
const gateWith = (input: Partial<GateState["inputs"][string]>): GateState => ({
  ...{ listening: true, refused: {} },
  inputs: { main: { publisher: null, waiting: 0, ...input } },
});
const onAir = (of: Partial<Stream> = {}) =>
  gateWith({
    publisher: {
      key: "k",
      address: "192.0.2.1",
      sinceSeconds: 60,
      silentSeconds: 0,
      kbps: 1000,
      stream: { ...stream, ...of },
    },
  });
const read = (gate: GateState | undefined) => readCamera(gate, { hlsDir, client: undefined, now: 0 });

describe("an encoder", () => {
  it("has no fault if it keeps up", async () => {
    segmentsEvery(segmentSeconds);
    expect(await read(onAir())).toEqual({ findings: [], encoderSpeed: 1, hangUp: undefined });
  });

  it("is reported as too slow if the segments of any rendition arrive later than their length", async () => {
    segmentsEvery(segmentSeconds);
    segmentsEvery(4.2, "1");
    const { findings, encoderSpeed } = await read(onAir());
    expect(encoderSpeed?.toFixed(2)).toBe("0.48");
    expect(findings).toMatchObject([{ id: "encoderOverloaded", severity: "error" }]);
  });

  it("is not reported as too slow if the camera sends too slowly", async () => {
    segmentsEvery(4);
    const starved = { id: "videoIngestionStarved", severity: "error", says: "x", remedy: "y" } as const;
    const { findings } = await read(onAir({ facts: { speed: 0.5, heldUp: 0 }, findings: [starved] }));
    expect(findings).toEqual([starved]);
  });

  it("is reported once as too slow if the camera has to wait for it", async () => {
    segmentsEvery(4);
    const overloaded = { id: "encoderOverloaded", severity: "error", says: "x", remedy: "y" } as const;
    const { findings } = await read(onAir({ facts: { speed: 0.5, heldUp: 0.4 }, findings: [overloaded] }));
    expect(findings.map(({ id }) => id)).toEqual(["encoderOverloaded"]);
  });

  it("is not judged while nobody is on air: the segments are from the last stream", async () => {
    segmentsEvery(4);
    expect(await read(gateWith({}))).toEqual({ findings: [], encoderSpeed: undefined, hangUp: undefined });
  });

  it("is not judged by too few segments", async () => expect((await read(onAir())).encoderSpeed).toBeUndefined());
});

const end: StreamEnd = {
  ...{ key: "k", address: "192.0.2.1", secondsAgo: 5, onAirSeconds: 6, reason: "owncast-ended" },
  ...{ says: "no sound", remedy: "add some" },
};

it.each([
  { claim: "that Owncast ended", lastEnd: end, isNamed: true },
  { claim: "that the gate ended for its codec", lastEnd: { ...end, reason: "unsupported-codec" }, isNamed: true },
  { claim: "that its camera ended", lastEnd: { ...end, reason: "camera" }, isNamed: false },
  { claim: "of long ago", lastEnd: { ...end, secondsAgo: 3600 }, isNamed: false },
])("the end of a stream $claim is reported: $isNamed", async ({ lastEnd, isNamed }) => {
  const { hangUp } = await read(gateWith({ lastEnd }));
  expect(hangUp).toEqual(isNamed ? { ...lastEnd, owncastSays: [] } : undefined);
});

it("a hang-up is not reported any more if a publisher is on air again", async () => {
  const { publisher = null } = onAir().inputs.main ?? {};
  expect((await read(gateWith({ publisher, lastEnd: end }))).hangUp).toBeUndefined();
});

it("nothing is known if the gate did not answer", async () =>
  expect(await read(undefined)).toEqual({ findings: [], encoderSpeed: undefined, hangUp: undefined }));
