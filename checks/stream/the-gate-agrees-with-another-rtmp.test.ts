import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { interpreterKeyName } from "../../codegen/schema/core/secret-ref.ts";
import { endProcess } from "../../src/lib/child-process.ts";
import { AdtsReader } from "../../src/media/adts.ts";
import { MessageReader } from "../../src/media/rtmp/rtmp-reader.ts";
import { type Gate, startGate } from "../../src/services/gate/gate.ts";
import { named } from "../lib/systemd/from-set-up.ts";

const run = promisify(execFile);
const streamKey = "a-key-of-the-check";
const interpreterKey = "an-interpreter's-key";
const frames = 60;

/** The output lines of `rtmp-peer`. */
interface Said {
  readonly event: string;
  readonly address?: string;
  readonly path?: string;
  readonly type?: string;
  readonly sha256?: string;
}

let folder: string;
let server: ChildProcess;
let said: AsyncIterator<string>;
let address: string;
let owncastStatus: Server;
let gate: Gate;
/** In place of the captions service. */
let hearing: Server;
let heard = Buffer.alloc(0);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-peer-"));
  server = spawn(named("RTMP_PEER"), ["serve", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  said = createInterface({ input: server.stdout as NonNullable<ChildProcess["stdout"]> })[Symbol.asyncIterator]();
  address = (await next()).address ?? "";
  // Another RTMP server takes Owncast's place. The gate's only other question to Owncast is whether it is free.
  owncastStatus = createServer((_, response) => response.end('{"online":false,"lastConnectTime":null}')).listen(
    0,
    "127.0.0.1",
  );
  await once(owncastStatus, "listening");
  writeFileSync(join(folder, "stream-key"), `${streamKey}\n`);
  const access = { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "stream-key" }] };
  writeFileSync(join(folder, interpreterKeyName("fr")), `${interpreterKey}\n`);
  const captions = { tracks: [{ language: "fr", source: "interpreter" }] };
  writeFileSync(join(folder, "seed.json"), JSON.stringify({ access, captions }));
  hearing = createServer((request, response) => {
    request.on("data", (part: Buffer) => {
      heard = Buffer.concat([heard, part]);
    });
    request.on("end", () => response.end());
  }).listen(0, "127.0.0.1");
  await once(hearing, "listening");
  gate = await startGate({
    ...{ listen: "127.0.0.1:0", owncast: address, seedFile: join(folder, "seed.json"), secrets: folder },
    owncastUrl: `http://127.0.0.1:${(owncastStatus.address() as AddressInfo).port}`,
    captions: `127.0.0.1:${(hearing.address() as AddressInfo).port}`,
    say: () => {},
  });
});
afterAll(async () => {
  await gate?.stop();
  hearing?.close();
  owncastStatus?.close();
  if (server) await endProcess(server);
  rmSync(folder, { recursive: true, force: true });
});

async function next(): Promise<Said> {
  const { value, done } = await said.next();
  if (done) throw new Error("rtmp-peer has ended");
  return JSON.parse(value) as Said;
}

/** Publishes the peer's stream to an address. Resolves to the messages that the server understood, without the path. */
async function publishedTo(host: string): Promise<Said[]> {
  await run(named("RTMP_PEER"), ["publish", `rtmp://${host}/live/${streamKey}`, `${frames}`], { timeout: 60_000 });
  const all: Said[] = [];
  for (let one = await next(); one.event !== "end"; one = await next()) all.push(one);
  return all;
}

it("forwards all messages of an RTMP client to an RTMP server, unchanged and in order", async () => {
  const straight = await publishedTo(address);
  expect(straight.filter(({ event }) => event === "message").length).toBeGreaterThanOrEqual(2 * frames);
  const through = await publishedTo(`127.0.0.1:${await gate.listening}`);
  expect(through).toEqual(straight);
}, 120_000);

it("takes the sound of an RTMP client with an interpreter's key, and nothing else", async () => {
  const url = `rtmp://127.0.0.1:${await gate.listening}/live/${interpreterKey}`;
  await run(named("RTMP_PEER"), ["publish", url, `${frames}`], { timeout: 60_000 });
  await expect.poll(() => new AdtsReader().push(heard).length, { timeout: 10_000 }).toBe(frames);
}, 120_000);

interface Cut {
  readonly channel: number;
  readonly format: 0 | 1 | 2 | 3;
  readonly type: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
}
interface Case {
  readonly chunkBytes: number;
  readonly messages: readonly Cut[];
}

const cut = fc.record<Cut>({
  channel: fc.constantFrom(3, 4, 6, 63),
  format: fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3),
  type: fc.constantFrom(8, 9, 18, 20),
  timestamp: fc.oneof(
    fc.integer({ min: 0, max: 5000 }),
    fc.constantFrom(0xfffffe, 0xffffff, 0x1000000, 0xffffffff, 0xfffffff0),
  ),
  payload: fc.uint8Array({ minLength: 1, maxLength: 600 }),
});
const anyCase = fc.record<Case>({
  chunkBytes: fc.oneof(fc.constantFrom(1, 128, 10_000_000), fc.integer({ min: 1, max: 700 })),
  messages: fc.array(cut, { maxLength: 8 }),
});

/** Messages as chunks. Each header is as short as its case says, if an earlier header exists. */
function bytesOf({ chunkBytes, messages }: Case): Buffer {
  const parts: Buffer[] = [Buffer.from([2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]), word(chunkBytes)];
  const before = new Map<number, { length: number; time: number }>();
  for (const { channel, format: wanted, type, timestamp, payload } of messages) {
    const known = before.get(channel);
    // A header without fields takes the length of the previous message.
    const format = !known ? 0 : wanted >= 2 && known.length !== payload.length ? 1 : wanted;
    const time = format === 3 ? (known?.time ?? 0) : timestamp;
    before.set(channel, { length: payload.length, time });
    const extended = time >= 0xffffff ? word(time) : Buffer.alloc(0);
    const fields = Buffer.alloc([11, 7, 3, 0][format] ?? 0);
    if (format < 3) fields.writeUIntBE(Math.min(time, 0xffffff), 0, 3);
    if (format < 2) fields.writeUIntBE(payload.length, 3, 3).valueOf();
    if (format < 2) fields[6] = type;
    if (format === 0) fields.writeUInt32LE(1, 7);
    parts.push(Buffer.from([(format << 6) | channel]), fields, extended);
    for (let at = 0; at < payload.length; at += chunkBytes) {
      if (at > 0) parts.push(Buffer.from([0xc0 | channel]), extended);
      parts.push(Buffer.from(payload.subarray(at, at + chunkBytes)));
    }
  }
  return Buffer.concat(parts);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

interface Reading {
  readonly messages: readonly { type: number; streamId: number; timestampMs: number; payload: string }[];
  readonly error?: string;
}

/** The other implementation's result for each case. */
async function readByThePeer(cases: readonly Buffer[]): Promise<Reading[]> {
  const peer = spawn(named("RTMP_PEER"), ["chunks"], { stdio: ["pipe", "pipe", "inherit"] });
  peer.stdin.end(Buffer.concat(cases.flatMap((bytes) => [word(bytes.length), bytes])));
  const readings: Reading[] = [];
  for await (const line of createInterface({ input: peer.stdout })) readings.push(JSON.parse(line) as Reading);
  return readings;
}

function readByUs(bytes: Buffer, pieceBytes: number): Reading {
  const reader = new MessageReader();
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  const messages = pieces.flatMap((piece) => reader.push(piece));
  return { messages: messages.map((message) => ({ ...message, payload: message.payload.toString("hex") })) };
}

describe("chunks of every form", () => {
  it("are assembled as by another implementation, however they arrive", async () => {
    const cases = fc.sample(fc.tuple(anyCase, fc.integer({ min: 1, max: 300 })), 1000);
    const bytes = cases.map(([one]) => bytesOf(one));
    const theirs = await readByThePeer(bytes);
    expect(theirs).toHaveLength(cases.length);
    for (const [index, [one, pieceBytes]] of cases.entries())
      expect(readByUs(bytes[index] as Buffer, pieceBytes), JSON.stringify(one)).toEqual(theirs[index]);
  });
});
