import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { readEdges } from "../../lib/edges-file.ts";
import { checkEdge, HostAddresses } from "./edge-check.ts";
import { afterCheck, EdgeHealth, type Health } from "./edge-health.ts";

const hit = { fault: undefined };
const miss = { fault: "no response" };

describe("the health of an edge", () => {
  const isUpAfter = (...checks: readonly { fault: string | undefined }[]) =>
    checks.reduce<Health | undefined>((health, check) => afterCheck(health, check), undefined)?.isUp;

  it("is that of the first check", () => expect([isUpAfter(hit), isUpAfter(miss)]).toEqual([true, false]));
  it("outlasts one miss, and not two in a row", () =>
    expect([isUpAfter(hit, miss), isUpAfter(hit, miss, hit, miss), isUpAfter(hit, miss, miss)]).toEqual([
      true,
      true,
      false,
    ]));
  it("needs two hits in a row to come back", () =>
    expect([isUpAfter(miss, hit), isUpAfter(miss, hit, miss, hit), isUpAfter(miss, hit, hit)]).toEqual([
      false,
      false,
      true,
    ]));
});

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});
async function edgeThat(answers: RequestListener): Promise<{ readonly server: Server; readonly url: URL }> {
  const server = createServer(answers).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return { server, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`) };
}

describe("a check", () => {
  it.each<[string, RequestListener, string | undefined]>([
    ["answers", (_, response) => response.end("lectern edge\n"), undefined],
    ["says 502", (_, response) => response.writeHead(502).end(), "status 502"],
    ["redirects", (_, response) => response.writeHead(302, { location: "/" }).end(), "status 302"],
    ["hangs before its response", () => {}, "no response within 0.2 s"],
    ["hangs within its response", (_, response) => void response.write("lect"), "no response within 0.2 s"],
    ["sends without end", (_, response) => void response.write("x".repeat(100_000)), undefined],
  ])("of an edge that %s", async (_, answers, fault) => {
    const { url } = await edgeThat(answers);
    // Only one that hangs may be late: a busy machine may need long for the others.
    const withinMs = fault?.startsWith("no response") ? 200 : 10_000;
    expect(await checkEdge(url, new HostAddresses(), withinMs)).toEqual({ fault });
  });

  it("of an edge that is not there says why", async () => {
    const { server, url } = await edgeThat(() => {});
    server.close();
    await once(server, "close");
    expect((await checkEdge(url, new HostAddresses(), 5000)).fault).toMatch(/ECONNREFUSED/);
  });
});

it("checks of a hung edge never pile up, and it counts as dead", async () => {
  let open = 0;
  let most = 0;
  let asked = 0;
  const { url } = await edgeThat((request) => {
    asked += 1;
    open += 1;
    most = Math.max(most, open);
    request.socket.once("close", () => {
      open -= 1;
    });
  });
  const { edges } = readEdges(JSON.stringify({ edges: [{ name: "a", url: url.origin }] }), "edges.json");
  const health = new EdgeHealth(edges[0]!, () => {}, { everyMs: 20, withinMs: 60 });
  await health.start();
  await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(5);
  health.stop();
  // The end of one connection may reach the server after the next one begins.
  expect(most).toBeLessThanOrEqual(2);
  expect(health.health.isUp).toBe(false);
});

describe("a name server that hangs", () => {
  it("is asked once, however many checks wait", async () => {
    let asked = 0;
    const addresses = new HostAddresses(() => {
      asked += 1;
      return new Promise(() => {});
    });
    const check = () => checkEdge(new URL("http://edge.test/"), addresses, 20);
    expect([await check(), await check()]).toEqual([
      { fault: "no response within 0.02 s" },
      { fault: "no response within 0.02 s" },
    ]);
    expect(asked).toBe(1);
  });

  it("changes nothing for an edge whose address was known", async () => {
    let hangs = false;
    let nowMs = 0;
    const found = [{ address: "192.0.2.1", family: 4 }];
    const addresses = new HostAddresses(
      () => (hangs ? new Promise(() => {}) : Promise.resolve(found)),
      () => nowMs,
    );
    expect(await addresses.of("edge.test")).toEqual(found);
    hangs = true;
    nowMs = 1e9;
    expect(await addresses.of("edge.test")).toEqual(found);
  });
});
