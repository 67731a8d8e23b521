import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { NativeViewers } from "./native-viewers.ts";

let owncast: Server;
let viewers: NativeViewers;
let told: IncomingHttpHeaders[];

beforeEach(async () => {
  told = [];
  owncast = createServer(({ headers }, response) => {
    told.push(headers);
    response.end();
  }).listen(0, "127.0.0.1");
  await once(owncast, "listening");
  viewers = new NativeViewers(`http://127.0.0.1:${(owncast.address() as AddressInfo).port}`, 3);
});
afterEach(() => {
  viewers.stop();
  owncast.close();
  owncast.closeAllConnections();
});

const programs = () => told.map((headers) => headers["user-agent"]);
const untilTold = (count: number) => vi.waitFor(() => expect(told).toHaveLength(count), { timeout: 10_000 });

it("keeps and reports at most 320 letters of a viewer", async () => {
  const name = "n".repeat(15_000);
  viewers.report("192.0.2.1", `${name}1`, 0);
  viewers.report("192.0.2.1", `${name}2`, 0);
  viewers.report(`192.0.2.2${"0".repeat(15_000)}`, "VLC", 0);
  await untilTold(2);
  expect(told.map((headers) => [headers["user-agent"]?.length, `${headers["x-forwarded-for"]}`.length])).toEqual([
    [256, 9],
    [3, 64],
  ]);
});

it("keeps only the beginning of a long name in memory", async () => {
  viewers.stop();
  viewers = new NativeViewers(`http://127.0.0.1:${(owncast.address() as AddressInfo).port}`);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const megabytes = () => {
    collect();
    return process.memoryUsage().heapUsed / 1e6;
  };
  const many = 500;
  // A new text each time, as for each request's header.
  const name = (index: number) => Buffer.alloc(15_000, `${index} `).toString("latin1");
  const before = megabytes();
  for (let index = 0; index < many; index++) viewers.report("192.0.2.1", name(index), 0);
  await untilTold(many);
  expect(megabytes() - before).toBeLessThan((many * 15_000) / 1e6 / 2);
});

it("if there are too many viewers, forgets only those with the oldest reports", async () => {
  for (const program of ["a", "b", "c", "d"]) viewers.report("192.0.2.1", program, 0);
  await untilTold(4);
  for (const program of ["b", "c", "d", "a"]) viewers.report("192.0.2.1", program, 1);
  await untilTold(5);
  expect(programs().at(-1)).toBe("a");
});
