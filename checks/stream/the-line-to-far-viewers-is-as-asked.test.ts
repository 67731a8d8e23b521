import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type LineOptions, layLine } from "../../src/rehearse/link.ts";
import { ensureConclusive } from "../lib/far/conclusive.ts";
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
const receiver = `
const socket = require("node:dgram").createSocket({ type: "udp4", recvBufferSize: 1 << 22 });
const came = [];
socket.on("message", (packet) => came.push([performance.now(), packet.readUInt32LE()]));
socket.bind(${port}, () => console.log("ready"));
// At the end it waits until nothing has come for half a second.
const tell = () => {
  if (performance.now() - Math.max(asked, came.at(-1)?.[0] ?? 0) < 500) return void setTimeout(tell, 50);
  console.log(JSON.stringify(came));
  process.exit();
};
let asked;
process.stdin.resume().on("end", () => { asked = performance.now(); tell(); });`;

const sender = (address: string, count: number, bytes: number, everyMs: number) => `
const socket = require("node:dgram").createSocket("udp4");
let next = 0;
let gone = 0;
const send = () => {
  const due = ${everyMs} === 0 ? ${count} : Math.min(${count}, Math.floor((performance.now() - begun) / ${everyMs}) + 1);
  for (; next < due; next++) {
    const packet = Buffer.alloc(${bytes});
    packet.writeUInt32LE(next);
    socket.send(packet, ${port}, "${address}", () => ++gone === ${count} && socket.close());
  }
  if (next < ${count}) setTimeout(send, 1);
};
const begun = performance.now();
socket.bind(0, send);`;

/** Sends packets down a line; resolves to those that came, and to the line's report. */
async function sendPackets(options: LineOptions, count: number, bytes: number, everyMs: number) {
  const line = await layLine({ near, far }, { ...options, number: ++lines });
  const [program = "", ...words] = far.enter([process.execPath, "-e", receiver]);
  const receiving = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  await once(receiving.stdout, "data");
  await output(near.enter([process.execPath, "-e", sender(line.farAddress, count, bytes, everyMs)]));
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
  const sent = 400;
  const { came, report } = await sendPackets({ roundTripMs: 20, mbps: 20, queueMs: 100 }, sent, 1372, 0);
  // With headers, 1400 bytes: 179 packets in 100 ms. The sender needs some time, in which the queue drains.
  expect(report.down.packets).toBe(sent);
  expect(report.down.dropped).toBe(sent - came.length);
  expect(came.length).toBeGreaterThanOrEqual(179);
  expect(report.down.dropped).toBeGreaterThan(50);
  expect(report.down.longestWaitMs).toBeLessThanOrEqual(100);
  ensureConclusive(context, report);
  const [from, to] = [came[0]?.[0] ?? 0, came.at(-1)?.[0] ?? 0];
  const mbps = ((came.length - 1) * 1400 * 8) / 1000 / (to - from);
  expect(mbps).toBeGreaterThan(17);
  expect(mbps).toBeLessThan(23);
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
