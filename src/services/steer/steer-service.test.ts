import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runs } from "../../../checks/lib/exhaustive.ts";
import { type SteerService, startSteerService } from "./steer-service.ts";
import type { SteeringStatus } from "./steering.ts";

let folder: string;
let edges: { readonly server: Server; dies: boolean; hangs: boolean }[];
let service: SteerService;
const said: string[] = [];
const socket = () => join(folder, "steer.sock");
const control = () => join(folder, "control.sock");
const orderFile = () => join(folder, "order");

async function startEdge(): Promise<string> {
  const edge = { server: createServer(), dies: false, hangs: false };
  edge.server.on("request", (_, response) => {
    if (!edge.hangs) response.writeHead(edge.dies ? 502 : 200).end("alive\n");
  });
  edge.server.listen(0, "127.0.0.1");
  await once(edge.server, "listening");
  edges.push(edge);
  return `http://127.0.0.1:${(edge.server.address() as AddressInfo).port}`;
}

const start = async (): Promise<void> => {
  service = await startSteerService({
    edges: join(folder, "edges.json"),
    listen: `unix:${socket()}`,
    control: `unix:${control()}`,
    stateDir: join(folder, "state"),
    orderFile: orderFile(),
    say: (line) => void said.push(line),
    times: { everyMs: 30, withinMs: 1000 },
  });
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-steer-"));
  edges = [];
  said.length = 0;
  const list = [
    { name: "a", url: await startEdge() },
    { name: "b", url: await startEdge(), networks: ["192.0.2.0/24"] },
  ];
  writeFileSync(join(folder, "edges.json"), JSON.stringify({ edges: list }));
  await start();
});
afterEach(() => {
  service.stop();
  for (const { server } of edges) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

async function ask(path: string, from = socket(), method = "GET", address = "203.0.113.9"): Promise<Answer> {
  const sent = request({ socketPath: from, path, method, headers: { "x-forwarded-for": address }, agent: false }).end();
  const [response] = await once(sent, "response");
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}
const order = async (query = "", address?: string): Promise<string[]> =>
  JSON.parse((await ask(`/steer${query}`, socket(), "GET", address)).body)["PATHWAY-PRIORITY"];
const status = async (): Promise<SteeringStatus> => JSON.parse((await ask("/edges", control())).body);
const soon = { timeout: 10_000, interval: 10 };

describe("/steer", () => {
  it("is a steering manifest that no cache keeps and every page may read", async () => {
    const { status, headers, body } = await ask("/steer");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "access-control-allow-origin": "*",
      "content-type": "application/json; charset=utf-8",
    });
    const { VERSION, TTL, ...rest } = JSON.parse(body);
    expect([VERSION, TTL >= 3 && TTL <= 5, Object.keys(rest)]).toEqual([1, true, ["PATHWAY-PRIORITY"]]);
  });

  it("sends a viewer to the edge of its network", async () => {
    expect((await order("", "192.0.2.5"))[0]).toBe("b");
    expect((await order("?_HLS_pathway=%22a%22", "203.0.113.9"))[0]).toBe("a");
  });

  it("sends nobody to a dead edge, and to the origin if all are dead", async () => {
    edges[1]!.dies = true;
    await expect.poll(() => order("?_HLS_pathway=b", "192.0.2.5"), soon).toEqual(["a", "origin", "b"]);
    edges[0]!.dies = true;
    await expect.poll(async () => (await order())[0], soon).toBe("origin");
    await expect.poll(() => readFileSync(orderFile(), "utf8"), soon).toMatch(/^origin\n/);
    edges[0]!.dies = false;
    await expect.poll(async () => (await order())[0], soon).toBe("a");
    await expect.poll(() => readFileSync(orderFile(), "utf8"), soon).toBe("a\norigin\nb\n");
  });

  it("moves no viewer at the first missed check of its edge, and asks it to come back sooner", async () => {
    const answered = async (current: string) => {
      const { TTL, "PATHWAY-PRIORITY": pathways } = JSON.parse((await ask(`/steer?_HLS_pathway=${current}`)).body);
      return [pathways[0], TTL];
    };
    expect(await answered("b")).toEqual(["b", 3]);
    edges[1]!.hangs = true;
    await expect.poll(() => answered("b"), soon).toEqual(["b", 1]);
    expect(await answered("a")).toEqual(["a", 3]);
    await expect.poll(() => answered("b"), soon).toEqual(["a", 3]);
  });

  it("is valid JSON with every pathway, whatever the query and the address", async () => {
    // What Node's client refuses to send never comes from a web server either.
    const sendable = (one: string) => !/[^!-~]/.test(one);
    const anyText = fc.oneof(
      fc.string({ maxLength: 300 }).filter(sendable),
      fc.string({ maxLength: 300, unit: fc.constantFrom("%", "&", "=", "_HLS_pathway", '"', "0", "+", "{") }),
    );
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (query, address) => {
        expect((await order(`?${query}`, address)).sort()).toEqual(["a", "b", "origin"]);
      }),
      { numRuns: runs(40, 500) },
    );
    expect((await order(`?_HLS_pathway=a&x=${"y".repeat(10_000)}`)).sort()).toEqual(["a", "b", "origin"]);
  });

  it("is for reading alone, and there is nothing beside it", async () => {
    expect((await ask("/steer", socket(), "POST")).status).toBe(405);
    for (const path of ["/", "/edges", "/metrics", "/edges/a/drain", "/steer/"])
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    expect((await ask("/edges/a/drain", socket(), "PUT")).status).toBe(405);
  });
});

describe("a drained edge", () => {
  it("gets nobody, also after a restart of the service, until that is ended", async () => {
    expect((await ask("/edges/a/drain", control(), "PUT")).status).toBe(200);
    expect(await order("?_HLS_pathway=a")).toEqual(["b", "origin", "a"]);
    service.stop();
    await start();
    expect(await order("?_HLS_pathway=a")).toEqual(["b", "origin", "a"]);
    expect((await status()).edges.map(({ state }) => state)).toEqual(["drained", "up"]);
    await ask("/edges/a/drain", control(), "DELETE");
    expect((await order("?_HLS_pathway=a"))[0]).toBe("a");
  });

  it("that does not exist is refused", async () =>
    expect((await ask("/edges/c/drain", control(), "PUT")).status).toBe(404));

  it("counts only once it is on disk", async () => {
    rmSync(join(folder, "state"), { recursive: true });
    writeFileSync(join(folder, "state"), "");
    const { status: code, body } = await ask("/edges/a/drain", control(), "PUT");
    expect([code, body]).toEqual([500, expect.stringContaining("nothing has changed")]);
    expect((await status()).edges[0]?.state).toBe("up");
  });

  it.each(["", "{", '{"drained": "a"}', "x".repeat(2_000_000)])("is none if the file says %.20j", async (content) => {
    service.stop();
    writeFileSync(join(folder, "state/drains.json"), content);
    await start();
    expect((await status()).edges.map(({ drained }) => drained)).toEqual([false, false]);
    expect(said.join()).toContain("no edge counts as drained");
  });
});

it("players' reports are in the status and in the metrics", async () => {
  for (let player = 1; player <= 3; player++)
    await ask("/steer?_HLS_pathway=%22b%22&_HLS_throughput=8000000", socket(), "GET", `203.0.113.${player}`);
  const [a, b] = (await status()).edges;
  expect([a?.viewers, a?.kbps, b?.viewers, b?.kbps]).toEqual([0, null, 3, 8000]);
  const { body } = await ask("/metrics", control());
  for (const line of [
    'lectern_steer_edge_up{edge="a"} 1',
    'lectern_steer_edge_viewers{edge="b"} 3',
    'lectern_steer_edge_kbps{edge="b"} 8000',
    "lectern_steer_requests_total 3",
  ])
    expect(body).toContain(`${line}\n`);
});

it("only its owner can use the control socket", () => expect(statSync(control()).mode & 0o777).toBe(0o600));
