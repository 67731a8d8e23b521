// A long list of claims: one for each behaviour of cameras and strangers.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type RawCamera, rawCamera, wire } from "../../../checks/lib/stream/camera-wire.ts";
import { startTestGate, type TestGate, testKeys } from "../../../checks/lib/stream/gated-ingest.ts";
import { encodeAmf } from "../../media/rtmp/amf0.ts";
import { rtmpType } from "../../media/rtmp/rtmp-messages.ts";
import { listenWhenFree, startGate } from "./gate.ts";

const key = testKeys["key-moderator"];
const spare = testKeys["key-spare"];
const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function start(...options: Parameters<typeof startTestGate>): Promise<TestGate> {
  const gate = await startTestGate(...options);
  running.push(gate);
  return gate;
}

async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++, await sleep(20)) if (looks > 500) throw new Error("it does not come about");
}

const accepted = (camera: RawCamera) => camera.statuses().some(({ code }) => code === "NetStream.Publish.Start");

/** A camera that the gate has accepted. */
async function onAir(port: number, streamKey: string = key): Promise<RawCamera> {
  const camera = await rawCamera(port);
  camera.send(wire.greeting(streamKey));
  await until(() => accepted(camera));
  return camera;
}

/** The gate's last status to a camera that sends these bytes, after the gate has hung up. */
async function refusalOf(port: number, ...bytes: Buffer[]): Promise<{ code: string; description: string } | undefined> {
  const camera = await rawCamera(port);
  camera.send(...bytes);
  await camera.closed;
  return camera.statuses().at(-1);
}

describe("a camera", () => {
  it("is accepted once Owncast has accepted it, and its media reach Owncast", async () => {
    const { port, ingest, gate } = await start();
    const camera = await onAir(port);
    for (let frame = 0; frame < 5; frame++) {
      const coded = Buffer.from([0x17, 1, 0, 0, 0]);
      camera.send(wire.message(rtmpType.video, coded, { streamId: 1, timestampMs: frame * 40, channel: 6 }));
    }
    await until(() => ingest.pictures() === 5);
    expect(gate.status().inputs.main?.publisher).toMatchObject({ key: "moderator", address: "127.0.0.1" });
    camera.close();
    await until(() => gate.status().inputs.main?.publisher === null);
  });

  it("may list its codecs, as Enhanced RTMP does", async () => {
    const { port } = await start();
    const camera = await rawCamera(port);
    const about = { fourCcList: ["av01", "hvc1", "vp09"], videoFunction: 1, capsEx: 3 };
    camera.send(wire.handshake, wire.connect(about), wire.createStream(), wire.publish(key));
    await until(() => accepted(camera));
  });

  it("may send commands in AMF3's messages, as Flash did", async () => {
    const { port } = await start();
    const camera = await rawCamera(port);
    const amf3 = (bytes: Buffer) => wire.message(rtmpType.commandAmf3, Buffer.concat([Buffer.from([0]), bytes]));
    camera.send(
      wire.handshake,
      amf3(encodeAmf("connect", 1, { app: "live" })),
      amf3(encodeAmf("createStream", 2, null)),
    );
    camera.send(wire.publish(key));
    await until(() => accepted(camera));
  });

  it("may send everything byte by byte", async () => {
    const { port } = await start();
    const camera = await rawCamera(port);
    camera.socket.setNoDelay(true);
    for (const byte of wire.greeting(key)) camera.send(Buffer.from([byte]));
    await until(() => accepted(camera));
  });

  it("may send its media in one message", async () => {
    const { port, ingest } = await start();
    const camera = await onAir(port);
    const tag = Buffer.from([rtmpType.video, 0, 0, 5, 0, 0, 40, 0, 0, 0, 0, 0x17, 1, 0, 0, 0, 0, 0, 0, 16]);
    camera.send(wire.message(rtmpType.aggregate, Buffer.concat([tag, tag, tag]), { streamId: 1, channel: 6 }));
    await until(() => ingest.pictures() === 3);
    camera.send(wire.message(rtmpType.aggregate, tag.subarray(0, -5), { streamId: 1, channel: 6 }));
    await camera.closed;
    expect(camera.statuses().at(-1)?.description).toContain("an aggregate that is cut off");
  });

  it("may send a keyframe before it is accepted", async () => {
    const { port, ingest } = await start();
    const camera = await rawCamera(port);
    const keyframe = Buffer.alloc(100_000, 1).fill(0x17, 0, 1);
    camera.send(wire.greeting(key), wire.message(rtmpType.video, keyframe, { streamId: 1, channel: 6 }));
    await until(() => ingest.pictures() === 1 || camera.socket.destroyed);
    expect(camera.statuses().map(({ code }) => code)).toContain("NetStream.Publish.Start");
    const wrong = await refusalOf(port, wire.greeting("wrong"), wire.video(100_000));
    expect(wrong?.description).toBe("the stream key is wrong");
  });

  it("is refused with the reason if it sends too much before it is accepted", async () => {
    const { port, owncast, gate } = await start();
    owncast.isBusy = true;
    const film = Array.from({ length: 100 }, (_, frame) => wire.video(60_000, frame * 40));
    const told = await refusalOf(port, wire.greeting(key), ...film);
    expect(told?.description).toBe("it sends media before it is accepted");
    await until(() => gate.status().inputs.main?.waiting === 0);
  });

  it("is forgotten if it sends media and disconnects while the gate holds it", async () => {
    const { port, owncast, gate } = await start();
    owncast.isBusy = true;
    const camera = await rawCamera(port);
    camera.send(wire.greeting(key), ...Array.from({ length: 30 }, (_, frame) => wire.video(60_000, frame * 40)));
    await until(() => gate.status().inputs.main?.waiting === 1);
    await sleep(200);
    camera.socket.end();
    await until(() => gate.status().inputs.main?.waiting === 0);
  }, 5000);

  it("stays on air, whatever other messages it sends", async () => {
    const { port, ingest } = await start();
    const camera = await onAir(port);
    const avmPlus = Buffer.from([0x11, 1]);
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`value${index}`, index]));
    const said: [number, Buffer][] = [
      [rtmpType.dataAmf3, Buffer.from([0x11, 1, 2, 3])],
      [rtmpType.data, Buffer.concat([encodeAmf("onXMP"), avmPlus])],
      [rtmpType.data, encodeAmf("@setDataFrame", "onMetaData", many)],
      [rtmpType.data, Buffer.alloc(0)],
      [rtmpType.command, Buffer.concat([encodeAmf("onStatus", 0), avmPlus])],
      [rtmpType.commandAmf3, Buffer.from([0x11, 1, 2, 3])],
    ];
    for (const [type, payload] of said) camera.send(wire.message(type, payload, { streamId: 1 }));
    camera.send(wire.message(rtmpType.video, Buffer.from([0x17, 1, 0, 0, 0]), { streamId: 1, channel: 6 }));
    await until(() => ingest.pictures() === 1 || camera.socket.destroyed);
    expect(camera.statuses().at(-1)?.code).toBe("NetStream.Publish.Start");
  });

  it("gets a response to its pings", async () => {
    const { port } = await start();
    const camera = await rawCamera(port);
    let answered = false;
    camera.socket.on("data", (bytes: Buffer) => {
      answered ||= bytes.includes(Buffer.from([0, 7, 1, 2, 3, 4]));
    });
    camera.send(wire.handshake, wire.message(rtmpType.userControl, Buffer.from([0, 6, 1, 2, 3, 4]), { channel: 2 }));
    await until(() => answered);
  });

  it("can use a new key at once, and the old key no more", async () => {
    const { port, folder } = await start();
    writeFileSync(join(folder, "key-moderator"), "another key\n");
    expect((await refusalOf(port, wire.greeting(key)))?.description).toBe("the stream key is wrong");
    await onAir(port, "another key");
    rmSync(join(folder, "key-spare"));
    expect((await refusalOf(port, wire.greeting(spare)))?.description).toBe("the stream key is wrong");
  });
});

describe("wrong keys", () => {
  const wrong = async (port: number): Promise<RawCamera> => {
    const camera = await rawCamera(port);
    camera.send(wire.greeting("wrong"));
    return camera;
  };

  it("from the same address do not delay a right one", async () => {
    const { port, gate } = await start({ limits: { strangersPerAddress: 64 } });
    const guesses = await Promise.all(Array.from({ length: 10 }, () => wrong(port)));
    await until(() => (gate.status().refused["too-many-wrong-keys"] ?? 0) > 0);
    const started = performance.now();
    await onAir(port);
    expect(performance.now() - started).toBeLessThan(1000);
    for (const guess of guesses) guess.close();
  });

  it("do not delay a gate that stops, even if their cameras have disconnected", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
    const before = timers();
    const { port, gate } = await start({ limits: { strangersPerAddress: 64 } });
    const guesses = await Promise.all(Array.from({ length: 6 }, () => wrong(port)));
    await sleep(100);
    guesses[4]?.close();
    await sleep(100);
    await gate.stop();
    await sleep(300);
    expect(timers()).toBeLessThanOrEqual(before);
  });
});

describe("the gate refuses with a reason", () => {
  const bad = (payload: Buffer) => wire.message(rtmpType.command, payload);
  it.each<{ what: string; bytes: Buffer[]; reason: string; code?: string }>([
    { what: "another protocol", bytes: [Buffer.from("GET / HTTP/1.1\r\n\r\n")], reason: "not-rtmp" },
    { what: "encrypted RTMP", bytes: [Buffer.from([6])], reason: "not-rtmp" },
    {
      what: "another application",
      bytes: [wire.handshake, wire.connect({ app: "vod" })],
      ...{ reason: "wrong-application", code: "NetConnection.Connect.InvalidApp" },
    },
    {
      what: "a player",
      bytes: [wire.handshake, wire.connect(), wire.createStream(), wire.command("play", 5, null, key)],
      ...{ reason: "not-a-publisher", code: "NetStream.Play.Failed" },
    },
    {
      what: "a wrong key",
      bytes: [wire.greeting("abc123")],
      ...{ reason: "wrong-key", code: "NetStream.Publish.Denied" },
    },
    { what: "publishing before connect", bytes: [wire.handshake, wire.publish(key)], reason: "not-rtmp" },
    { what: "media before publish", bytes: [wire.handshake, wire.connect(), wire.video(100)], reason: "not-rtmp" },
    { what: "a stream name that is not a text", bytes: [wire.greeting(7)], reason: "not-rtmp" },
    {
      what: "values nested deeper than any camera's",
      bytes: [
        wire.handshake,
        bad(Buffer.concat([encodeAmf("connect", 1), Buffer.alloc(40_000, Buffer.from([3, 0, 1, 97]))])),
      ],
      reason: "not-rtmp",
    },
    { what: "a message of 4 MB", bytes: [wire.handshake, bad(Buffer.alloc(4 * 1024 * 1024))], reason: "not-rtmp" },
    {
      what: "many commands without publish",
      bytes: [wire.handshake, wire.connect(), ...Array(100).fill(wire.command("_checkbw", 2, null))],
      reason: "not-rtmp",
    },
    {
      what: "a flood of acknowledgements",
      bytes: [wire.handshake, ...Array(20_000).fill(wire.number(rtmpType.acknowledgement, 1))],
      reason: "not-rtmp",
    },
  ])("$what", async ({ bytes, reason, code }) => {
    const { port, gate, lines } = await start();
    const told = await refusalOf(port, ...bytes);
    if (code !== undefined) expect(told?.code).toBe(code);
    await until(() => gate.status().refused[reason] === 1);
    expect(lines.join("\n")).not.toMatch(/abc123|moderator's/);
  });
});

describe("an input", () => {
  const limits = { takeOverMs: 300, busyMs: 500, owncastMs: 1000, idleMs: 900 };
  const busy = { code: "NetStream.Publish.BadName", description: "another publisher is on air: moderator" };
  /** Sends a frame every 50 ms. */
  const film = (camera: RawCamera) => {
    const timer = setInterval(() => camera.send(wire.video(20)), 50);
    void camera.closed.then(() => clearInterval(timer));
  };

  it("refuses a second publisher while the first one sends, and names the first one", async () => {
    const { port, gate } = await start({ limits });
    const first = await onAir(port);
    film(first);
    expect(await refusalOf(port, wire.greeting(spare))).toEqual(busy);
    expect(await refusalOf(port, wire.greeting(key))).toEqual(busy);
    expect(gate.status()).toMatchObject({
      inputs: { main: { publisher: { key: "moderator" } } },
      refused: { "on-air": 2 },
    });
  });

  it("is taken over by the same key once no media has come for a while", async () => {
    const { port } = await start({ limits });
    const first = await onAir(port);
    first.send(wire.video(20));
    const second = await onAir(port);
    await first.closed;
    expect(first.statuses().at(-1)?.description).toBe("a newer connection with the same key has taken over");
    film(second);
    await sleep(600);
    expect(second.socket.destroyed).toBe(false);
  });

  it("is taken over by another key only when the first publisher is dropped", async () => {
    const { port, lines } = await start({ limits });
    const first = await onAir(port);
    await onAir(port, spare);
    await first.closed;
    expect(first.statuses().at(-1)?.description).toBe("no media for 0.9 s");
    expect(lines.join()).toContain("key-spare (127.0.0.1) is on air");
  });

  it("holds a publisher until Owncast has finished with the previous one", async () => {
    const { port, owncast, gate } = await start({ limits });
    owncast.isBusy = true;
    const camera = await rawCamera(port);
    camera.send(wire.greeting(key));
    await sleep(400);
    expect(accepted(camera)).toBe(false);
    expect(gate.status().inputs.main).toEqual({ publisher: null, waiting: 1, lastEnd: null });
    owncast.isBusy = false;
    await until(() => accepted(camera));
  });

  it("refuses the publisher with the reason if Owncast never finishes", async () => {
    const { port, owncast } = await start({ limits });
    owncast.isBusy = true;
    const told = await refusalOf(port, wire.greeting(key));
    expect(told?.description).toBe("Owncast has not finished with the previous publisher; try again");
  });

  it("forgets a camera that disconnects while it waits", async () => {
    const { port, owncast, gate, ingest } = await start({ limits });
    owncast.isBusy = true;
    const camera = await rawCamera(port);
    camera.send(wire.greeting(key));
    await until(() => gate.status().inputs.main?.waiting === 1);
    camera.close();
    await until(() => gate.status().inputs.main?.waiting === 0);
    owncast.isBusy = false;
    await sleep(300);
    expect(ingest.streamKeys).toEqual([]);
  });

  it("holds only the newest connection with the same key", async () => {
    const { port, owncast } = await start({ limits: { ...limits, owncastMs: 5000 } });
    owncast.isBusy = true;
    const [first, second] = [await rawCamera(port), await rawCamera(port)];
    first.send(wire.greeting(key));
    await sleep(100);
    second.send(wire.greeting(key));
    await first.closed;
    owncast.isBusy = false;
    await until(() => accepted(second));
  });

  it("tells a camera that Owncast refuses it", async () => {
    const { port } = await start({ limits, behaviour: { refuses: "close" } });
    const told = await refusalOf(port, wire.greeting(key));
    expect(told).toEqual({
      code: "NetStream.Publish.Denied",
      description: "Owncast refused the stream: does it have this key yet?",
    });
  });

  it("tells the camera and the log that Owncast has hung up", async () => {
    const { port, lines } = await start({ limits, behaviour: { closesAfter: 1 } });
    const camera = await onAir(port);
    camera.send(wire.message(rtmpType.video, Buffer.from([0x17, 1, 0, 0, 0]), { streamId: 1, channel: 6 }));
    await camera.closed;
    expect(camera.statuses().at(-1)).toMatchObject({
      code: "NetStream.Publish.Failed",
      description: expect.stringContaining("Owncast ended the stream"),
    });
    await until(() =>
      lines.some((line) => line.startsWith("moderator (127.0.0.1): the stream ended after 0 s: Owncast")),
    );
  });
});

describe("strangers", () => {
  it("may have few connections at a time from the same address, and little time", async () => {
    const { port, gate } = await start({ limits: { strangersPerAddress: 3, handshakeMs: 700 } });
    const first = await Promise.all(Array.from({ length: 3 }, () => rawCamera(port)));
    for (const one of first) one.send(wire.handshake);
    const elsewhere = await rawCamera(port, "127.0.0.9");
    elsewhere.send(wire.greeting(key));
    await until(() => accepted(elsewhere));
    await Promise.all(first.map(({ closed }) => closed));
    await until(() => gate.status().refused["too-slow"] === 3);
  });

  it("at a camera's address do not keep the camera out", async () => {
    const { port } = await start();
    const idle: RawCamera[] = [];
    for (let index = 0; index < 8; index++) idle.push(await rawCamera(port));
    await onAir(port);
    await idle[0]?.closed;
    expect(idle.filter(({ socket }) => socket.destroyed)).toHaveLength(1);
  });

  it("with half a handshake use almost no processor time", async () => {
    const { port } = await start();
    const halves = await Promise.all(Array.from({ length: 3 }, () => rawCamera(port)));
    for (const half of halves) half.send(wire.handshake.subarray(0, 1000));
    await sleep(100);
    const before = process.cpuUsage();
    await sleep(500);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(250);
    await onAir(port);
  });

  it("do not keep a camera out, even if they are many", async () => {
    const { port } = await start({ limits: { strangers: 5 } });
    const crowd = await Promise.all(Array.from({ length: 5 }, (_, index) => rawCamera(port, `127.0.1.${index + 1}`)));
    await onAir(port);
    await Promise.race(crowd.map(({ closed }) => closed));
  });

  it("cannot fill the log", async () => {
    const { port, lines } = await start();
    for (let index = 0; index < 50; index++) await refusalOf(port, Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    expect(lines.length).toBeLessThan(15);
  });

  it("cannot write more than one line into the log", async () => {
    const { port, lines } = await start();
    await refusalOf(port, wire.handshake, wire.connect({ app: "vod\n\u001b[31mforged line" }));
    for (const line of lines) expect(line).toMatch(/^[^\p{Cc}]*$/u);
  });
});

describe("a gate", () => {
  it("waits for a port that another program holds, and says so once", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as { port: number };
    const starting = start({ listen: `127.0.0.1:${port}` });
    await sleep(1500);
    holder.close();
    const { lines } = await starting;
    expect(lines).toEqual([
      `port ${port} is used by another program: the gate waits until it is free`,
      `accepting cameras on port ${port}`,
    ]);
  });

  it("does not replace a file that is not a socket", async () => {
    const { folder } = await start();
    const path = join(folder, "precious");
    writeFileSync(path, "precious");
    const starting = startGate({
      ...{ listen: "127.0.0.1:0", owncast: "127.0.0.1:1", owncastUrl: "http://127.0.0.1:1", say: () => {} },
      ...{ seedFile: join(folder, "seed.json"), secrets: folder, status: `unix:${path}` },
    });
    await expect(starting).rejects.toThrow("it is not a socket");
    expect(readFileSync(path, "utf8")).toBe("precious");
  });

  it("waits for an address that the machine does not have yet, and says so once", async () => {
    const lines: string[] = [];
    const stop = new AbortController();
    const options = {
      signal: stop.signal,
      onObstacle: (obstacle: string) => {
        lines.push(obstacle);
      },
    };
    const waiting = listenWhenFree(createServer(), { host: "192.0.2.1", port: 0 }, options);
    setTimeout(() => stop.abort(), 1500);
    await expect(waiting).rejects.toThrow("aborted");
    expect(lines).toEqual(["this machine has no address 192.0.2.1 yet: the gate waits for it"]);
  });

  it("shows its status and its metrics, and no key", async () => {
    const { folder, gate, port } = await start();
    await gate.stop();
    const status = `unix:${join(folder, "status.sock")}`;
    const again = await start({ status, listen: `127.0.0.1:${port}` });
    await onAir(again.port);
    const { get } = await import("node:http");
    const text = (path: string) =>
      new Promise<string>((resolve, reject) => {
        get({ socketPath: join(folder, "status.sock"), path }, (answer) => {
          let body = "";
          answer.on("data", (part) => (body += part)).on("end", () => resolve(body));
        }).on("error", reject);
      });
    expect(JSON.parse(await text("/status"))).toMatchObject({ listening: true, inputs: { main: { waiting: 0 } } });
    expect(await text("/metrics")).toContain('lectern_gate_on_air{input="main"} 1');
    expect((await text("/status")) + (await text("/metrics"))).not.toContain("moderator's");
  });

  it("stops within a second, and tells its publisher", async () => {
    const { port, gate } = await start();
    const camera = await onAir(port);
    const started = performance.now();
    await gate.stop();
    await camera.closed;
    expect(performance.now() - started).toBeLessThan(1000);
    expect(camera.statuses().at(-1)?.description).toBe("the server restarts; connect again");
  });
});
