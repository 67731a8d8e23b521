import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { isExhaustive, runs, sample } from "../../../checks/lib/exhaustive.ts";
import { type RawCamera, rawCamera, wire } from "../../../checks/lib/stream/camera-wire.ts";
import { interpreterKey, startTestGate, type TestGate, testKeys } from "../../../checks/lib/stream/gated-ingest.ts";
import { AdtsReader } from "../../media/adts.ts";
import { rtmpType } from "../../media/rtmp/rtmp-messages.ts";

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

/** What a captions service may do with a request. */
type Service = (request: IncomingMessage, response: ServerResponse) => void;

/** A fault injector in place of the captions service. `sounds` holds what each request brought, by its path. */
async function captionsService(behaviour?: Service, port = 0) {
  const sounds: { path: string; bytes: Buffer; hasEnded: boolean }[] = [];
  const server: Server = createServer((request, response) => {
    if (behaviour) return behaviour(request, response);
    const sound = { path: request.url ?? "", bytes: Buffer.alloc(0), hasEnded: false };
    sounds.push(sound);
    request.on("data", (part: Buffer) => {
      sound.bytes = Buffer.concat([sound.bytes, part]);
    });
    request.on("error", () => {});
    request.on("end", () => {
      sound.hasEnded = true;
      response.end("{}");
    });
  }).listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const stop = async () => {
    server.close();
    server.closeAllConnections();
  };
  running.push({ stop });
  return { sounds, stop, port: (server.address() as AddressInfo).port };
}

async function start(captionsPort: number | undefined, options: Parameters<typeof startTestGate>[0] = {}) {
  const captions = captionsPort === undefined ? {} : { captions: `127.0.0.1:${captionsPort}` };
  const gate = await startTestGate({ interpreters: ["fr", "de"], ...captions, ...options });
  running.push(gate);
  return gate;
}

async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++, await sleep(20)) if (looks > 1000) throw new Error("it does not come about");
}

const accepted = (camera: RawCamera) => camera.statuses().some(({ code }) => code === "NetStream.Publish.Start");
const lastWords = (camera: RawCamera) => camera.statuses().at(-1)?.description ?? "";

async function onAir(port: number, key: string): Promise<RawCamera> {
  const camera = await rawCamera(port);
  camera.send(wire.greeting(key));
  await until(() => accepted(camera));
  return camera;
}

const sound = (...bytes: number[]) => wire.message(rtmpType.audio, Buffer.from(bytes), { streamId: 1, channel: 4 });
/** AAC-LC, 48 kHz, mono. */
const setUp = sound(0xaf, 0, 0x11, 0x88);
const packet = (byte: number) => sound(0xaf, 1, ...Array(40).fill(byte));
const french = (gate: TestGate) => gate.gate.status().interpreters.fr;

describe("an interpreter", () => {
  it("sends sound to the captions service as ADTS, and the picture nowhere", async () => {
    const captions = await captionsService();
    const stage = await start(captions.port);
    const camera = await onAir(stage.port, interpreterKey("fr"));
    camera.send(wire.video(5000), setUp, packet(1), wire.video(70_000), packet(2), packet(3));
    await until(() => (captions.sounds[0]?.bytes.length ?? 0) === 3 * 47);
    const frames = new AdtsReader().push(captions.sounds[0]?.bytes ?? Buffer.alloc(0));
    expect(frames.map(({ bytes, sampleRate }) => [bytes.length, bytes[7], sampleRate])).toEqual([
      [47, 1, 48_000],
      [47, 2, 48_000],
      [47, 3, 48_000],
    ]);
    expect(captions.sounds[0]?.path).toBe("/inputs/fr");
    expect(stage.ingest.pictures()).toBe(0);
    expect(stage.gate.status().inputs.main).toMatchObject({ publisher: null, waiting: 0 });
    expect(french(stage)?.publisher).toMatchObject({ key: "interpreter (fr)", sound: { sampleRate: 48_000 } });
    camera.close();
    await until(() => captions.sounds[0]?.hasEnded === true && french(stage)?.publisher === null);
    expect(french(stage)?.lastEnd).toMatchObject({ reason: "camera" });
    expect(stage.lines.join("\n")).not.toContain(interpreterKey("fr"));
    expect(JSON.stringify(stage.gate.status())).not.toContain(interpreterKey("fr"));
  });

  it("and one of another language, and the camera, are on air together", async () => {
    const captions = await captionsService();
    const stage = await start(captions.port);
    const cameras = [testKeys["key-moderator"], interpreterKey("fr"), interpreterKey("de")];
    const all = await Promise.all(cameras.map((key) => onAir(stage.port, key)));
    const { inputs, interpreters } = stage.gate.status();
    expect([inputs.main, interpreters.fr, interpreters.de].map((one) => one?.publisher?.key)).toEqual([
      "moderator",
      "interpreter (fr)",
      "interpreter (de)",
    ]);
    for (const camera of all) camera.close();
  });

  it("is refused by name if another one of the language is on air", async () => {
    const captions = await captionsService();
    const stage = await start(captions.port, { limits: { busyMs: 300, takeOverMs: 2500 } });
    const first = await onAir(stage.port, interpreterKey("fr"));
    const talking = setInterval(() => first.send(setUp, packet(1)), 50);
    const second = await rawCamera(stage.port);
    second.send(wire.greeting(interpreterKey("fr")));
    await second.closed;
    clearInterval(talking);
    expect(second.statuses().at(-1)).toEqual({
      ...{ code: "NetStream.Publish.BadName", description: "another publisher is on air: interpreter (fr)" },
    });
    expect(french(stage)?.publisher).not.toBeNull();
  });

  it.each([
    ["MP3", [sound(0x2f, 1, 2, 3)], "the interpreter sends MP3 as sound: captions take AAC-LC only"],
    ["HE-AAC", [sound(0xaf, 0, 0x2b, 0x92, 8, 0)], "the interpreter sends HE-AAC: captions take AAC-LC only"],
    [
      "packets that are too long",
      [setUp, wire.message(rtmpType.audio, Buffer.alloc(9000, 0xaf).fill(1, 1, 2), { streamId: 1, channel: 4 })],
      "sound packets that are longer than AAC's",
    ],
    ["no sound, only a picture", [wire.video(100)], "no sound for 0.4 s"],
  ])("is ended with the reason if it sends %s", async (_, bytes, says) => {
    const captions = await captionsService();
    const stage = await start(captions.port, { limits: { idleMs: 400 } });
    const camera = await onAir(stage.port, interpreterKey("fr"));
    const film = setInterval(() => camera.send(wire.video(100)), 50);
    camera.send(...bytes);
    await camera.closed;
    clearInterval(film);
    expect(lastWords(camera)).toContain(says);
  });

  it("is refused with the remedy if the gate has no captions service", async () => {
    const stage = await start(undefined);
    const camera = await rawCamera(stage.port);
    camera.send(wire.greeting(interpreterKey("fr")));
    await camera.closed;
    expect(camera.statuses().at(-1)).toMatchObject({ code: "NetStream.Publish.Denied" });
    expect(lastWords(camera)).toContain("--captions");
    await until(() => stage.gate.status().refused["no-captions"] === 1);
  });

  it("has no key if the stage declares no interpreter", async () => {
    const captions = await captionsService();
    const stage = await start(captions.port, { interpreters: [] });
    const camera = await rawCamera(stage.port);
    camera.send(wire.greeting(interpreterKey("fr")));
    await camera.closed;
    expect(lastWords(camera)).toBe("the stream key is wrong");
  });
});

describe("while the captions service", () => {
  /** Sends sound until it is told to stop. */
  const talk = (camera: RawCamera) => {
    camera.send(setUp);
    const timer = setInterval(() => camera.send(packet(9), packet(9), packet(9)), 60);
    running.push({ stop: async () => clearInterval(timer) });
  };

  it("is away, the interpreter stays, its sound is dropped and counted, and the service gets it when it comes", async () => {
    const before = await captionsService();
    await before.stop();
    const stage = await start(before.port);
    const camera = await onAir(stage.port, interpreterKey("fr"));
    talk(camera);
    camera.send(
      ...Array.from({ length: 600 }, () =>
        wire.message(rtmpType.audio, Buffer.alloc(300, 0xaf).fill(1, 1, 2), { streamId: 1, channel: 4 }),
      ),
    );
    await until(() => (french(stage)?.publisher?.sound.droppedSeconds ?? 0) > 1);
    expect(french(stage)?.publisher?.sound.flowing).toBe(false);
    await sleep(1100);
    const captions = await captionsService(undefined, before.port);
    await until(() => french(stage)?.publisher?.sound.flowing === true && captions.sounds.length > 0);
    // The old sound would be taken for what is said now.
    expect(captions.sounds[0]?.bytes.includes(Buffer.alloc(300, 0xaf).fill(1, 1, 2).subarray(2))).toBe(false);
    const has = captions.sounds[0]?.bytes.length ?? 0;
    await until(() => (captions.sounds[0]?.bytes.length ?? 0) > has + 500);
    expect(camera.socket.destroyed).toBe(false);
    expect(stage.lines.filter((line) => line.includes("does not take the sound"))).toHaveLength(1);
  });

  const faults: readonly [string, Service][] = [
    ["refuses", (_, response) => void response.writeHead(409).end("another one is here")],
    ["hangs up", (request) => void request.destroy()],
    ["reads nothing", (request) => void request.pause()],
    [
      "answers a flood",
      (_, response) => {
        const flood = setInterval(() => response.write(Buffer.alloc(100_000, 65)), 5);
        response.on("close", () => clearInterval(flood)).on("error", () => {});
      },
    ],
  ];
  it.each(sample("faults of a captions service", faults, 1))(
    "%s, the interpreter and the camera stay on air",
    async (_, behaviour) => {
      const captions = await captionsService(behaviour);
      const stage = await start(captions.port);
      const camera = await onAir(stage.port, testKeys["key-moderator"]);
      const interpreter = await onAir(stage.port, interpreterKey("fr"));
      talk(interpreter);
      for (let frame = 0; frame < 20; frame++, await sleep(50))
        camera.send(wire.message(rtmpType.video, Buffer.from([0x17, 1, 0, 0, 0]), { streamId: 1, channel: 6 }));
      await until(() => stage.ingest.pictures() === 20);
      expect([camera.socket.destroyed, interpreter.socket.destroyed]).toEqual([false, false]);
    },
  );
});

it.runIf(isExhaustive)("a flood of an interpreter is read no faster than any interpreter needs", async () => {
  const captions = await captionsService();
  const stage = await start(captions.port);
  const interpreter = await onAir(stage.port, interpreterKey("fr"));
  interpreter.send(setUp, packet(1), ...Array.from({ length: 300 }, () => wire.video(60_000)));
  await sleep(1500);
  const { kbps = 0 } = french(stage)?.publisher ?? {};
  // 20 Mbit/s, and as much at once before.
  expect(kbps).toBeGreaterThan(1000);
  expect(kbps).toBeLessThan(60_000);
});

describe("the camera on air", () => {
  it("goes on while interpreters come, flood and go", async () => {
    const captions = await captionsService();
    const stage = await start(captions.port);
    const camera = await onAir(stage.port, testKeys["key-moderator"]);
    const latenessMs: number[] = [];
    const flood = async () => {
      for (let round = 0; round < runs(1, 3); round++) {
        const interpreter = await onAir(stage.port, interpreterKey("fr"));
        const film = Array.from({ length: 300 }, () => wire.video(60_000));
        interpreter.send(setUp, ...Array(2000).fill(packet(1)), ...film);
        await sleep(300);
        interpreter.close();
        await until(() => french(stage)?.publisher === null);
      }
    };
    let isOver = false;
    const over = flood().finally(() => {
      isOver = true;
    });
    let sent = 0;
    while (!isOver) {
      camera.send(wire.message(rtmpType.video, Buffer.from([0x17, 1, 0, 0, 0]), { streamId: 1, channel: 6 }));
      const [since, wanted] = [performance.now(), ++sent];
      await until(() => stage.ingest.pictures() >= wanted);
      latenessMs.push(performance.now() - since);
    }
    await over;
    expect(stage.gate.status().inputs.main?.publisher?.key).toBe("moderator");
    expect(stage.ingest.pictures()).toBe(sent);
    // A hang guard: a flood is read at 2.5 MB a second, a frame waits for none of it.
    expect(Math.max(...latenessMs)).toBeLessThan(5000);
  });
});
