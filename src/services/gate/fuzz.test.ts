// This file is long, because all claims share its generators of valid messages.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { rawCamera, wire } from "../../../checks/lib/stream/camera-wire.ts";
import { interpreterKey, startTestGate, testKeys } from "../../../checks/lib/stream/gated-ingest.ts";
import { AmfFault, type AmfValue, encodeAmf, readAmf } from "../../media/rtmp/amf0.ts";
import { encodeMessage, numberMessage, rtmpType } from "../../media/rtmp/rtmp-messages.ts";
import { MessageReader, RtmpFault } from "../../media/rtmp/rtmp-reader.ts";
import { readCommand } from "./camera-handshake.ts";
import { afterPublish, beforePublish } from "./limits.ts";
import { forwardedTags } from "./media-messages.ts";

// LECTERN_FUZZ=100000 makes as many of each kind.
const count = Number(process.env.LECTERN_FUZZ ?? runs(500, 3000));
const hangGuardMs = 60_000 + count * 10;

const amf: fc.Arbitrary<AmfValue> = fc.letrec<{ value: AmfValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.double(), fc.boolean(), fc.string({ maxLength: 20 }), fc.constant(null), fc.constant(undefined)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 8 }), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

const command = fc
  .tuple(
    fc.constantFrom("connect", "createStream", "publish", "deleteStream", "play", "x"),
    fc.nat(9),
    fc.array(amf, { maxLength: 3 }),
  )
  .map(([name, transaction, values]) => encodeAmf(name, transaction, ...values));
const metadata = amf.map((about) => encodeAmf("@setDataFrame", "onMetaData", about));
const tag = fc
  .tuple(fc.constantFrom(8, 9, 15, 18, 22), fc.uint8Array({ maxLength: 30 }), fc.nat(0xffffff))
  .map(([type, data, time]) => {
    const head = Buffer.alloc(11);
    head[0] = type;
    head.writeUIntBE(data.length, 1, 3);
    head.writeUIntBE(time, 4, 3);
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  });
/** A decoder's set-up, or a packet of sound. */
const aac = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom([0x11, 0x88], [0x11, 0x80, 4], [0x2b, 0x92, 8, 0], []),
    fc.uint8Array({ maxLength: 60 }),
  )
  .map(([isSetUp, setUp, rest]) => Uint8Array.from([0xaf, isSetUp ? 0 : 1, ...(isSetUp ? setUp : []), ...rest]));
const chunked = fc
  .record({
    message: fc.oneof<fc.Arbitrary<[number, Uint8Array]>[]>(
      fc.tuple(fc.constantFrom(rtmpType.command, rtmpType.commandAmf3), command),
      fc.tuple(fc.constantFrom(rtmpType.data, rtmpType.dataAmf3), metadata),
      fc.tuple(fc.constantFrom(rtmpType.audio, rtmpType.video), fc.uint8Array({ maxLength: 400 })),
      fc.tuple(fc.constant(rtmpType.audio), aac),
      fc.tuple(
        fc.constant(rtmpType.aggregate),
        fc.array(tag, { maxLength: 4 }).map((tags) => Buffer.concat(tags)),
      ),
      fc.tuple(fc.constantFrom(2, 3, 4, 5, 6), fc.uint8Array({ maxLength: 8 })),
    ),
    timestampMs: fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 0xfffffe, 0xffffff, 0x1000000, 0xffffffff)),
    channel: fc.integer({ min: 2, max: 63 }),
  })
  .map(({ message: [type, payload], timestampMs, channel }) =>
    encodeMessage({ type, streamId: 1, timestampMs, payload: Buffer.from(payload) }, channel, 128),
  );
const session = fc
  .array(
    fc.oneof(
      chunked,
      fc.constantFrom(1, 3, 127, 128, 4096).map((size) => encodeMessage(numberMessage(1, size), 2, 128)),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => Buffer.concat(parts));

type Mutation = {
  readonly kind: "flip" | "cut" | "insert" | "repeat" | "swap";
  readonly at: number;
  readonly by: number;
};
const mutations = fc.array(
  fc.record<Mutation>({
    kind: fc.constantFrom("flip", "cut", "insert", "repeat", "swap"),
    at: fc.nat(0xffff),
    by: fc.nat(0xff),
  }),
  { maxLength: 6 },
);

function mutate(valid: Buffer, changes: readonly Mutation[]): Buffer {
  return changes.reduce((bytes, { kind, at, by }) => {
    if (bytes.length === 0) return bytes;
    const start = at % bytes.length;
    const [before, after] = [bytes.subarray(0, start), bytes.subarray(start)];
    if (kind === "flip") return Buffer.concat([before, Buffer.from([after[0]! ^ (by || 1)]), after.subarray(1)]);
    if (kind === "cut") return Buffer.concat([before, after.subarray(by)]);
    if (kind === "insert") return Buffer.concat([before, Buffer.alloc(by % 20, by), after]);
    if (kind === "repeat") return Buffer.concat([before, after.subarray(0, by), after]);
    return Buffer.concat([after, before]);
  }, valid);
}

/** Reads in pieces, like the gate. Any error other than a refusal of the camera is a fault. */
function read(bytes: Buffer, pieceBytes: number, hasPublished: boolean): number {
  const reader = new MessageReader(hasPublished ? afterPublish : beforePublish);
  let read = 0;
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes)
      for (const message of reader.push(bytes.subarray(at, at + pieceBytes))) {
        read += message.payload.length;
        if (message.type === rtmpType.command || message.type === rtmpType.commandAmf3) readCommand(message);
        else for (const part of forwardedTags(message)) read += part.data.length;
      }
  } catch (error) {
    if (!(error instanceof RtmpFault)) throw error;
  }
  return read;
}

const memoryMegabytes = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
};

it(
  `reads ${count} mutated sessions without a crash, a hang or growth`,
  () => {
    const before = memoryMegabytes();
    let slowestMs = 0;
    fc.assert(
      fc.property(
        session,
        mutations,
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        (valid, changes, size, published) => {
          const bytes = mutate(valid, changes);
          const started = performance.now();
          // The gate forwards only what has arrived. It may cut it differently, but adds nothing.
          expect(read(bytes, size, published)).toBeLessThanOrEqual(3 * bytes.length + 1000);
          slowestMs = Math.max(slowestMs, performance.now() - started);
        },
      ),
      { numRuns: count },
    );
    expect(slowestMs).toBeLessThan(1000);
    expect(memoryMegabytes() - before).toBeLessThan(100);
  },
  hangGuardMs,
);

it(
  `reads ${count} mutated values without a crash, a hang or growth`,
  () =>
    fc.assert(
      fc.property(fc.array(amf, { maxLength: 4 }), mutations, (values, changes) => {
        try {
          readAmf(mutate(encodeAmf(...values), changes));
        } catch (error) {
          if (!(error instanceof AmfFault)) throw error;
        }
      }),
      { numRuns: count },
    ),
  hangGuardMs,
);

// Over a real connection each takes a millisecond or two.
const connections = Number(process.env.LECTERN_FUZZ ?? runs(100, 300));
const atOnce = 16;

it(
  `a gate takes ${connections} mutated handshakes and what follows, and then a camera and an interpreter`,
  async () => {
    const limits = { takeOverMs: 50, busyMs: 50, strangersPerAddress: 1000 };
    const captions = createServer((request) => request.resume().on("error", () => {})).listen(0, "127.0.0.1");
    await once(captions, "listening");
    const sound = `127.0.0.1:${(captions.address() as AddressInfo).port}`;
    const stand = await startTestGate({ limits, interpreters: ["fr"], captions: sound });
    // An interpreter's sound is read more closely than a camera's.
    const keys = [testKeys["key-moderator"], interpreterKey("fr")];
    const before = memoryMegabytes();
    const inputs = fc.sample(fc.tuple(session, mutations, fc.boolean()), { numRuns: Math.min(connections, 5000) });
    let next = 0;
    const attack = async () => {
      for (let index = next++; index < connections; index = next++) {
        const [valid, changes, isWhole] = inputs[index % inputs.length]!;
        const greeting = wire.greeting(keys[index % keys.length]!);
        // Each from an address of its own, because a wrong key delays its address.
        const address = `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${1 + (index & 127)}`;
        const camera = await rawCamera(stand.port, address);
        const turned = changes.map((change) => ({ ...change, at: change.at + index }));
        camera.send(
          isWhole ? Buffer.concat([greeting, mutate(valid, turned)]) : mutate(Buffer.concat([greeting, valid]), turned),
        );
        camera.socket.end();
        await camera.closed;
      }
    };
    try {
      await Promise.all(Array.from({ length: atOnce }, attack));
      const camera = await rawCamera(stand.port);
      camera.send(wire.greeting(testKeys["key-spare"]));
      while (!camera.statuses().some(({ code }) => code === "NetStream.Publish.Start")) await sleep(20);
      camera.close();
      expect(memoryMegabytes() - before).toBeLessThan(150);
      const interpreter = await rawCamera(stand.port);
      interpreter.send(wire.greeting(interpreterKey("fr")));
      while (!interpreter.statuses().some(({ code }) => code === "NetStream.Publish.Start")) await sleep(20);
      interpreter.close();
    } finally {
      await stand.stop();
      captions.close();
      captions.closeAllConnections();
    }
  },
  hangGuardMs,
);

it("reads a valid session to its end", () =>
  void expect(read(wire.greeting("key").subarray(1 + 2 * 1536), 7, false)).toBeGreaterThan(100));
