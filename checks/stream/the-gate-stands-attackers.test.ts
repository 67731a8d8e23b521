import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeAmf } from "../../src/media/rtmp/amf0.ts";
import { rtmpType } from "../../src/media/rtmp/rtmp-messages.ts";
import { type Publisher, startPublisher } from "../../src/publish/publisher.ts";
import { startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { rawCamera, wire } from "../lib/stream/camera-wire.ts";
import { type GatedOwncast, startGatedOwncast } from "../lib/stream/gated-owncast.ts";
import { untilOnline } from "../lib/stream/owncast-state.ts";

const picture = { width: 320, height: 180, fps: 25, bitrateKbps: 400 };
const deep = 1_000_000;

/** Nested objects, deep enough to overflow Go's stack. */
const nested = Buffer.concat([encodeAmf("connect", 1), Buffer.alloc(4 * deep, Buffer.from([3, 0, 1, 0x61]))]).subarray(
  0,
  4 * 1024 * 1024,
);
const bomb = Buffer.concat([wire.handshake, wire.message(rtmpType.command, nested)]);

/** Owncast crashes at a codec that is neither a number nor a text. */
const badMetadata = wire.message(
  rtmpType.data,
  encodeAmf("@setDataFrame", "onMetaData", { width: 320, videocodecid: true }),
  { streamId: 1 },
);

const untilDead = async (pid: number): Promise<boolean> => {
  for (let looks = 0; looks < 100; looks++, await sleep(100))
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
  return false;
};

let stand: GatedOwncast;
let camera: Publisher;
// Owncast takes some seconds until it is on air: meanwhile others crash.
beforeAll(async () => {
  stand = await startGatedOwncast({ moderator: "the moderator's key" });
  camera = startPublisher({ target: stand.rtmp, streamKey: "the moderator's key", ...picture });
  await camera.started;
});
afterAll(async () => {
  await camera?.stop();
  await stand?.stop();
});

/** Whether an Owncast without the gate ends after this attack. */
async function crashes(attack: (attacker: Awaited<ReturnType<typeof rawCamera>>) => Promise<void>): Promise<boolean> {
  const owncast = await startPlainOwncast();
  try {
    await attack(await rawCamera(owncast.rtmp.port));
    return await untilDead(owncast.pid());
  } finally {
    await owncast.stop();
  }
}

describe.concurrent("without the gate", () => {
  it("one message before any key crashes Owncast", ({ expect }) =>
    expect(crashes(async (attacker) => attacker.send(bomb))).resolves.toBe(true));

  it("a publisher's description of its codec crashes Owncast", ({ expect }) =>
    expect(
      crashes(async (attacker) => {
        attacker.send(wire.greeting("abc123"));
        await sleep(500);
        attacker.send(badMetadata);
      }),
    ).resolves.toBe(true));
});

describe("with the gate", () => {
  const goesOn = async () => {
    const before = camera.stats().frames;
    await expect.poll(() => camera.stats().frames, { timeout: 1000 }).toBeGreaterThan(before + 10);
    expect((await fetch(`${stand.owncast.url}/api/status`)).status).toBe(200);
  };

  it("a camera's stream reaches Owncast", async () => {
    await untilOnline(stand.owncast.url);
    expect(stand.gate.status()).toMatchObject({
      listening: true,
      inputs: { main: { publisher: { key: "moderator", address: "127.0.0.1" }, waiting: 0 } },
    });
  });

  it("the same message is refused, and the stream goes on", async () => {
    const attacker = await rawCamera(stand.rtmp.port);
    attacker.send(bomb);
    await attacker.closed;
    expect(stand.gate.status().refused["not-rtmp"]).toBe(1);
    expect(stand.lines.at(-1)).toMatch(
      /^127\.0\.0\.1 refused: what it sends is not RTMP: (a message of \d+ bytes; the limit is|more than \d+ bytes of unfinished messages$|it sends a lot of data and does not publish$)/,
    );
    await goesOn();
  });

  it("guessed keys are refused, each after a longer delay, and the stream goes on", async () => {
    const started = performance.now();
    for (let tries = 0; tries < 4; tries++) {
      const attacker = await rawCamera(stand.rtmp.port, "127.0.0.9");
      attacker.send(wire.greeting("abc123"));
      await attacker.closed;
      expect(attacker.statuses().at(-1)).toEqual({
        code: "NetStream.Publish.Denied",
        description: "the stream key is wrong",
      });
    }
    // Delays of 0.25, 0.5 and 1 s.
    expect(performance.now() - started).toBeGreaterThan(1700);
    expect(stand.lines.join()).not.toContain("abc123");
    await goesOn();
  });

  it("a publisher's description of its codec does not reach Owncast", async () => {
    await camera.stop();
    const attacker = await rawCamera(stand.rtmp.port);
    attacker.send(wire.greeting("the moderator's key"));
    while (attacker.statuses().at(-1)?.code !== "NetStream.Publish.Start") await sleep(50);
    attacker.send(badMetadata);
    await sleep(1000);
    attacker.close();
    camera = startPublisher({ target: stand.rtmp, streamKey: "the moderator's key", ...picture });
    await camera.started;
    await goesOn();
  });
});
