import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuSecondsOf, peakMegabytesOf } from "./live-stage.mjs";
import { median, times } from "./measure.mjs";
import { underNode24 } from "./under-node24.mjs";

const megabits = 6;
const fps = 30;
const seconds = 20;
const rounds = 3;
const key = "a stream key of the bench";

/**
 * Prints the gate's share of a processor for a stream of 6 Mbit/s, against a program that only forwards bytes. The camera sends
 * chunks of 4096 bytes, like OBS, and of 128 bytes, the smallest usual size of RTMP.
 */
export const benchGate = () =>
  underNode24("gate", async () => {
    const { startIngest } = await import("../checks/lib/stream/rtmp-ingest.ts");
    const ingest = await startIngest();
    const gate = await startGate(ingest.port);
    const pipe = spawn(process.execPath, ["bench/gate/pipe.mjs", `${ingest.port}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pipePort = Number(`${(await once(pipe.stdout, "data"))[0]}`);
    try {
      for (const chunkBytes of [4096, 128]) {
        /** @type {{ gate: number[], pipe: number[] }} */
        const shares = { gate: [], pipe: [] };
        for (let round = 0; round < rounds; round++) {
          shares.gate.push(await shareOf(gate.pid, gate.port, chunkBytes));
          shares.pipe.push(await shareOf(`${pipe.pid}`, pipePort, chunkBytes));
        }
        const [own, plain] = [median(shares.gate), median(shares.pipe)];
        console.log(
          `gate: ${megabits} Mbit/s in chunks of ${chunkBytes} bytes: ${(own * 100).toFixed(1)} % of a processor, ` +
            `${times(own / plain)} of forwarding the bytes (${(plain * 100).toFixed(1)} %)`,
        );
      }
      console.log(`gate: ${peakMegabytesOf(gate.pid).toFixed(0)} MB at most`);
    } finally {
      pipe.kill();
      await gate.stop();
      ingest.close();
    }
  });

/** @param {number} ingestPort */
async function startGate(ingestPort) {
  const folder = mkdtempSync(join(tmpdir(), "lectern-bench-gate-"));
  const seed = join(folder, "seed.json");
  writeFileSync(join(folder, "stream-key"), `${key}\n`);
  const access = { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "stream-key" }] };
  writeFileSync(seed, JSON.stringify({ access }));
  const web = createServer((_, response) => void response.end('{"lastConnectTime":null}')).listen(0, "127.0.0.1");
  await once(web, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (web.address());
  const flags = [
    "--listen",
    "127.0.0.1:0",
    "--owncast",
    `127.0.0.1:${ingestPort}`,
    "--owncast-url",
    `http://127.0.0.1:${port}`,
  ];
  const child = spawn(process.execPath, ["src/main.ts", "gate", ...flags, "--seed", seed, "--secrets", folder], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  const [said] = await once(child.stderr, "data");
  child.stderr.resume();
  return {
    pid: `${child.pid}`,
    port: Number(/port (\d+)/.exec(`${said}`)?.[1]),
    async stop() {
      const gone = once(child, "exit");
      child.kill();
      await gone;
      web.close();
      web.closeAllConnections();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * A program's share of a processor while a camera sends through it.
 * @param {string} pid
 * @param {number} port
 * @param {number} chunkBytes
 */
async function shareOf(pid, port, chunkBytes) {
  const [{ rawCamera, wire }, { rtmpType }] = await Promise.all([
    import("../checks/lib/stream/camera-wire.ts"),
    import("../src/media/rtmp/rtmp-messages.ts"),
  ]);
  const camera = await rawCamera(port);
  camera.send(wire.greeting(key));
  while (!camera.statuses().some(({ code }) => code === "NetStream.Publish.Start")) await sleep(50);
  camera.send(wire.number(rtmpType.setChunkSize, chunkBytes));
  // With the heads of H.264 and AAC, as the gate reads them.
  const frame = Buffer.alloc((megabits * 1e6) / 8 / fps, 0x27).fill(1, 1, 2);
  const sound = Buffer.alloc(400, 0xaf).fill(1, 1, 2);
  let sent = 0;
  const filming = setInterval(() => {
    const at = { streamId: 1, timestampMs: Math.round((sent++ * 1000) / fps), chunkBytes };
    camera.send(
      wire.message(rtmpType.video, frame, { ...at, channel: 6 }),
      wire.message(rtmpType.audio, sound, { ...at, channel: 4 }),
    );
  }, 1000 / fps);
  await sleep(2000);
  const before = { cpu: cpuSecondsOf(pid), sent, at: performance.now() };
  await sleep(seconds * 1000);
  const share = (cpuSecondsOf(pid) - before.cpu) / ((performance.now() - before.at) / 1000);
  const rate = ((sent - before.sent) * 1000) / fps / (performance.now() - before.at);
  clearInterval(filming);
  camera.close();
  await camera.closed;
  await sleep(500);
  // On a busy machine the timer may be late.
  return share / rate;
}
