import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Part, startPart } from "../../src/local/part.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";
import { output } from "../lib/process/output.ts";
import { type GateProcess, gatePort, startGateProcess } from "../lib/stream/gate-process.ts";
import { type GatedOwncast, startGatedOwncast } from "../lib/stream/gated-owncast.ts";

const keys = { moderator: "the moderator's key", spare: "the spare camera's key" };
let stand: GatedOwncast;
let gate: GateProcess;
let folder: string;
/** Publishes from the first test to the gate's end. */
let onAir: Part;
const cameras: Part[] = [];

beforeAll(async () => {
  stand = await startGatedOwncast(keys);
  folder = stand.files.secrets;
  gate = await startGateProcess(stand.owncast.network, { ...stand.files, logFile: join(folder, "gate.log") });
});
afterAll(async () => {
  for (const camera of cameras) await camera.stop();
  await gate?.stop();
  await stand?.stop();
});

const inNetwork = (...command: string[]) => output(stand.owncast.network.enter(command));
const log = () => readFileSync(join(folder, "gate.log"), "utf8");

async function until(holds: () => Promise<boolean>): Promise<number> {
  const started = performance.now();
  while (!(await holds())) {
    if (performance.now() - started > 60_000) throw new Error(`it does not come about; the gate says:\n${log()}`);
    await sleep(100);
  }
  return (performance.now() - started) / 1000;
}

/** A camera that uses an address of its own, so that the test can drop its packets alone. */
function publish(address: string, key: keyof typeof keys): Part {
  const keyFile = join(folder, `camera-${key}`);
  writeFileSync(keyFile, keys[key]);
  const flags = ["--url", `rtmp://${address}:${gatePort}/live`, "--stream-key-file", keyFile];
  const look = ["--size", "320x180", "--fps", "25", "--bitrate", "400", "--no-reconnect"];
  const command = lecternCommand("publish", ...flags, ...look);
  const camera = startPart(stand.owncast.network.enter(command), {
    name: `the camera at ${address}`,
    logFile: join(folder, `${address}.log`),
  });
  cameras.push(camera);
  return camera;
}

/** Drops all packets between this camera and the gate. Neither side gets an error. */
async function cut(address: string): Promise<void> {
  for (const way of ["-s", "-d"]) await inNetwork("iptables", "-A", "INPUT", way, address, "-j", "DROP");
}

const onAirSeconds = async () => (await gate.status()).inputs.main?.publisher?.sinceSeconds ?? -1;

it("a camera whose network died reconnects, and replaces its own old connection after 2 to 3 s", async () => {
  const first = publish("127.0.0.2", "moderator");
  await until(async () => (await onAirSeconds()) > 2);
  await cut("127.0.0.2");
  const before = await onAirSeconds();
  onAir = publish("127.0.0.3", "moderator");
  const seconds = await until(async () => {
    const now = await onAirSeconds();
    return now >= 0 && now < before;
  });
  expect(log()).toContain("a newer connection with the same key has taken over");
  // 2.5 s of silence, and about 1 s for Owncast's encoder. Without the gate, Owncast refuses it for 10 s.
  expect(seconds).toBeLessThan(8);
  await until(async () => (await onAirSeconds()) > 2);
  await inNetwork("iptables", "-F");
  await first.stop();
});

it("a second publisher is refused with the first one's name, and the first one goes on undisturbed", async () => {
  const lost = onAir.died.catch((error: Error) => error.message);
  for (const key of ["spare", "moderator"] as const) {
    const second = publish("127.0.0.4", key);
    await expect(second.died).rejects.toThrow("NetStream.Publish.BadName");
    expect(log()).toMatch(new RegExp(`${key} \\(127\\.0\\.0\\.1\\) refused: another publisher is on air: moderator`));
  }
  const { publisher } = (await gate.status()).inputs.main ?? {};
  expect(publisher?.key).toBe("moderator");
  expect(publisher?.sinceSeconds).toBeGreaterThan(6);
  expect(publisher?.silentSeconds).toBeLessThan(1);
  await expect(Promise.race([lost, "goes on"])).resolves.toBe("goes on");
});

it("the gate ends within a second of SIGTERM, also while a camera is on air", async () => {
  expect(await onAirSeconds()).toBeGreaterThan(1);
  const started = performance.now();
  process.kill(gate.pid as number, "SIGTERM");
  await expect(gate.died).rejects.toThrow("ended by itself (exit 0)");
  expect(performance.now() - started).toBeLessThan(1500);
  gate = await startGateProcess(stand.owncast.network, { ...stand.files, logFile: join(folder, "gate.log") });
});

it.runIf(isExhaustive)(
  "a camera whose network died is dropped after 9 s, and another key may publish then",
  async () => {
    publish("127.0.0.2", "moderator");
    await until(async () => (await onAirSeconds()) > 1);
    await cut("127.0.0.2");
    publish("127.0.0.3", "spare");
    const seconds = await until(async () => (await gate.status()).inputs.main?.publisher?.key === "spare");
    expect(log()).toMatch(/moderator .*no media for 9 s/);
    expect(seconds).toBeLessThan(20);
  },
);
