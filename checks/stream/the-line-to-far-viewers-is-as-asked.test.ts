import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type LineOptions, layLine } from "../../src/rehearse/link.ts";
import { ensureConclusive } from "../lib/far/conclusive.ts";
import { deadPort } from "../lib/process/bound-socket.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";
import { output } from "../lib/process/output.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../lib/process/private-network.ts";
import { named } from "../lib/systemd/from-set-up.ts";

let near: PrivateNetwork;
let far: PrivateNetwork;
beforeAll(async () => {
  [near, far] = [await makePrivateNetwork(), await makePrivateNetwork()];
});
afterAll(async () => {
  await near?.stop();
  await far?.stop();
});

const port = 5000;
// Each line has addresses of its own: else the far side still sends on what an earlier line left open, and gets answers.
let lines = 0;

// Prints when each packet came and its number.
const receiver = (ports: readonly number[]) => `
const came = [];
const bound = ${JSON.stringify(ports)}.map((port) => {
  const socket = require("node:dgram").createSocket({ type: "udp4", recvBufferSize: 1 << 22 });
  socket.on("message", (packet) => came.push([performance.now(), packet.readUInt32LE()]));
  return new Promise((resolve) => socket.bind(port, resolve));
});
Promise.all(bound).then(() => console.log("ready"));
// At the end it waits until nothing has come for half a second.
const tell = () => {
  if (performance.now() - Math.max(asked, came.at(-1)?.[0] ?? 0) < 500) return void setTimeout(tell, 50);
  console.log(JSON.stringify(came));
  process.exit();
};
let asked;
process.stdin.resume().on("end", () => { asked = performance.now(); tell(); });`;

// Sends to the ports in turn.
const sender = (address: string, ports: readonly number[], count: number, bytes: number, everyMs: number) => `
const socket = require("node:dgram").createSocket("udp4");
let next = 0;
let gone = 0;
const send = () => {
  const due = ${everyMs} === 0 ? ${count} : Math.min(${count}, Math.floor((performance.now() - begun) / ${everyMs}) + 1);
  for (; next < due; next++) {
    const packet = Buffer.alloc(${bytes});
    packet.writeUInt32LE(next);
    socket.send(packet, ${JSON.stringify(ports)}[next % ${ports.length}], "${address}", () => ++gone === ${count} && socket.close());
  }
  if (next < ${count}) setTimeout(send, 1);
};
const begun = performance.now();
socket.bind(0, send);`;

/** Sends packets down a line; resolves to those that came, and to the line's report. */
async function sendPackets(options: LineOptions, count: number, bytes: number, everyMs: number, ports = [port]) {
  const line = await layLine({ near, far }, { ...options, number: ++lines });
  const [program = "", ...words] = far.enter([process.execPath, "-e", receiver(ports)]);
  const receiving = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  await once(receiving.stdout, "data");
  await output(near.enter([process.execPath, "-e", sender(line.farAddress, ports, count, bytes, everyMs)]));
  let printed = "";
  receiving.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const closed = once(receiving, "close");
  receiving.stdin.end();
  await closed;
  return { came: JSON.parse(printed) as [number, number][], report: await line.end() };
}

test("a connection takes the round trip", async (context) => {
  const line = await layLine({ far }, { roundTripMs: 120, number: ++lines });
  const server = createServer((socket) => socket.end()).listen(0, line.nearAddress);
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port: open } = server.address() as { port: number };
  const connector = `
  (async () => {
    const took = [];
    for (let run = 0; run < 5; run++) {
      const begun = performance.now();
      const socket = require("node:net").connect(${open}, "${line.nearAddress}");
      await require("node:events").once(socket, "connect");
      took.push(performance.now() - begun);
      socket.destroy();
    }
    console.log(took.sort((one, other) => one - other)[2]);
  })();`;
  const { stdout } = await output(far.enter([process.execPath, "-e", connector]));
  const report = await line.end();
  expect(Number(stdout)).toBeGreaterThanOrEqual(120);
  ensureConclusive(context, report);
  expect(Number(stdout)).toBeLessThan(135);
});

test("a seed loses the same packets again, another seed loses others, and the share is as asked", async () => {
  const run = (seed: number) => sendPackets({ roundTripMs: 2, lossPercent: 2, mbps: 100, seed }, 2000, 100, 0.2);
  const [first, again, other] = [await run(1), await run(1), await run(2)];
  const numbers = ({ came }: typeof first) => came.map(([, number]) => number);
  expect(numbers(again)).toEqual(numbers(first));
  expect(numbers(other)).not.toEqual(numbers(first));
  expect(first.report.down).toMatchObject({ packets: 2000, lost: 2000 - first.came.length, dropped: 0 });
  // 40 are expected; five standard deviations are 31.
  expect(Math.abs(first.report.down.lost - 40)).toBeLessThan(31);
  expect(first.report.down.lossPercent).toBeCloseTo(first.report.down.lost / 20, 2);
});

test("a burst passes at the line's rate as far as the queue holds it, and the rest is dropped", async (context) => {
  const sent = 2000;
  const { came, report } = await sendPackets({ roundTripMs: 20, mbps: 20, queueMs: 100 }, sent, 1372, 0);
  // With headers, 1400 bytes: 179 packets in 100 ms. The sender needs some time, in which the queue drains: up to a second on a busy machine.
  expect(report.down.packets).toBe(sent);
  expect(report.down.dropped).toBe(sent - came.length);
  expect(came.length).toBeGreaterThanOrEqual(179);
  expect(report.down.dropped).toBeGreaterThan(50);
  expect(report.down.longestWaitMs).toBeLessThanOrEqual(100);
  ensureConclusive(context, report);
  const mbps = mbpsOf(came);
  expect(mbps).toBeGreaterThan(17);
  expect(mbps).toBeLessThan(23);
});

const mbpsOf = (came: readonly [number, number][]): number =>
  ((came.length - 1) * 1400 * 8) / 1000 / ((came.at(-1)?.[0] ?? 0) - (came[0]?.[0] ?? 0));

test.for([
  { perConnection: true, rate: 40, least: 2 * 179 },
  { perConnection: false, rate: 20, least: 179 },
])("two connections have the rate and the queue each, or together: %o", async (line, context) => {
  const { perConnection, rate, least } = line;
  const sent = 4000;
  const ports = [port, port + 1];
  const { came, report } = await sendPackets({ roundTripMs: 20, mbps: 20, perConnection }, sent, 1372, 0, ports);
  expect(report.down).toMatchObject({ packets: sent, dropped: sent - came.length });
  expect(came.length).toBeGreaterThanOrEqual(least);
  expect(report.down.dropped).toBeGreaterThan(50);
  ensureConclusive(context, report);
  expect(mbpsOf(came)).toBeGreaterThan(rate * 0.85);
  expect(mbpsOf(came)).toBeLessThan(rate * 1.15);
});

test("a line ends with the process that laid it", async () => {
  const script = `
  const link = require("node:child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: ["pipe", "pipe", "inherit"] });
  link.stdout.once("data", () => console.log(link.pid));`;
  const flags = ["-near", near.file, "-far", far.file, "-device", "far9"];
  const parent = spawn(process.execPath, ["-e", script, named("FAR_LINK"), ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = Number(`${(await once(parent.stdout, "data"))[0]}`);
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  for (const until = performance.now() + 10_000; isAlive(pid) && performance.now() < until; ) await sleep(20);
  expect(isAlive(pid)).toBe(false);
  const { stdout } = await output(far.enter(["ip", "-o", "link"]));
  expect(stdout).not.toContain("far9");
});

describe("a rehearsal over a line", () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-far-rehearsal-"));
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, `${"x".repeat(43)}\n`, { mode: 0o600 });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const rehearse = (port: number) =>
    lecternCommand(
      ...["rehearse", "--url", `https://localhost:${port}`, "--token-file", tokenFile, "--viewers", "1"],
      ...["--duration", "5", "--link", "50ms,0%,20mbit"],
    );
  const withoutTun = ["unshare", "--mount", "sh", "-ec", 'mount -t tmpfs none /dev/net; exec "$@"', "sh"];

  test.each<[string, string[], number, RegExp]>([
    [
      "a stage that is not on this machine",
      [],
      69,
      /nothing answers on port \d+ of this machine.*\n {2}→ .*own machine/,
    ],
    ["no TUN devices", withoutTun, 1, /\/dev\/net\/tun: no such file.*\n {2}→ run it as root.*modprobe tun/],
    ["no program for lines", ["env", "FAR_LINK=/nowhere"], 1, /FAR_LINK=\/nowhere is not a program\n {2}→ the Nix/],
  ])("names %s, and leaves nothing behind", async (_, first, code, message) => {
    const ended = await output([...first, ...rehearse(deadPort())]);
    expect(ended.stderr).toMatch(message);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect((await output(["ip", "-o", "link"])).stdout).not.toMatch(/\bfar\d/);
  });
});

test.each([
  ["no namespace", [], /-far is missing/],
  ["a namespace that does not exist", ["-far", "/proc/0/ns/net"], /\/proc\/0\/ns\/net: no such file/],
  ["a rate of nothing", ["-far", "x", "-rate", "0"], /-rate must be/],
  ["more loss than there are packets", ["-far", "x", "-loss-up", "101"], /from 0 to 100/],
  ["a word too many", ["-far", "x", "1%"], /unknown argument "1%"/],
])("the link refuses %s in one line", async (_, flags, message) => {
  const { code, stdout, stderr } = await output([named("FAR_LINK"), ...flags]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
