import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { isExhaustive, sample } from "../../checks/lib/exhaustive.ts";
import { writeTestHost } from "../../checks/lib/process/installed-host.ts";
import { runVerb } from "../../checks/lib/process/run-verb.ts";
import { setTitle } from "../host/set-title.ts";
import { untilOffAir } from "../owncast/client/off-air.ts";
import { probe } from "../probe/probe.ts";
import { verb as apply } from "./apply.ts";
import { verb as exportVerb } from "./export.ts";
import { verb as plan } from "./plan.ts";
import { verb as status } from "./status.ts";

/** The behaviour of a server that accepts connections and never completes a response. */
const ways = {
  "never answers": () => {},
  "hangs within the head": (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\n"),
  "hangs in the body": (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
  "answers a byte at a time": (socket: Socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n");
    const timer = setInterval(() => socket.write(" "), 100);
    socket.once("close", () => clearInterval(timer));
  },
} as const;
const named = Object.keys(ways) as (keyof typeof ways)[];

let folder: string;
const at = (name: string) => join(folder, name);
const servers: Server[] = [];
const sockets = new Set<Socket>();

async function silent(way: keyof typeof ways): Promise<string> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("data", () => ways[way](socket));
  });
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-silent-"));
  for (const name of ["admin-password", "stream-key"]) writeFileSync(at(name), `the-${name}\n`);
  writeFileSync(at("main.yaml"), 'instance: { name: Silent, pageText: "" }\n');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
});

const deadline = 0.4;
// Extra time for a command's other work on a busy machine.
const grace = 8;

/** The result of a piece of work, and whether it ended near its deadline. */
async function timed<Result>(work: () => Promise<Result>, seconds = deadline) {
  const began = performance.now();
  const result = await work();
  const took = (performance.now() - began) / 1000;
  return { result, inTime: took > seconds * 0.8 && took < seconds + grace };
}

describe.each(sample("ways in which a server does not answer", named, 2))("if a server %s", (way) => {
  let url: string;
  beforeEach(async () => {
    url = await silent(way);
  });
  const target = () => ["--seed", at("main.yaml"), "--url", url, "--secrets", folder, "--deadline", `${deadline}`];

  it.each([
    { name: "plan", run: () => runVerb(plan, target()) },
    { name: "apply", run: () => runVerb(apply, target()) },
    {
      name: "export",
      run: () =>
        runVerb(exportVerb, [
          "--url",
          url,
          "--secrets",
          folder,
          "--output",
          at("out.yaml"),
          "--deadline",
          `${deadline}`,
        ]),
    },
  ])("$name names the server and the seconds that it waited, at the deadline", async ({ run }) => {
    const { result, inTime } = await timed(run);
    const { code, stderr, stdout } = result;
    expect({ code, stderr, stdout, inTime }).toEqual({
      ...{ code: 69, stdout: "", inTime: true },
      stderr: expect.stringContaining(`${url}: no answer within ${deadline} s`),
    });
  });

  it("status reports it at the stage", async () => {
    const secrets = { "admin-password": "the-password", "stream-key": "the-key" };
    const host = writeTestHost(at("host"), { stage: {}, owncastUrl: url, secrets });
    vi.stubEnv("LECTERN_STAGES", host.file);
    const { result, inTime } = await timed(() => runVerb(status, ["main", "--deadline", `${deadline}`]));
    expect({ code: result.code, inTime }).toEqual({ code: 69, inTime: true });
    expect(result.stdout).toContain(`${url}: no answer within ${deadline} s`);
  });
});

const setTitleOf = (url: string) => setTitle(url, "the-token", "Now");
const probeOf = (url: string) => probe({ url });

// This takes 15 s.
it.runIf(isExhaustive)("title and probe, which have fixed time limits, name the server too", async () => {
  const ends = (work: Promise<unknown>) => timed(() => work.catch((error: unknown) => error), 15);
  for (const { inTime, result, url } of await Promise.all(
    named.flatMap((way) =>
      [setTitleOf, probeOf].map(async (command) => {
        const server = await silent(way);
        return { url: server, ...(await ends(command(server))) };
      }),
    ),
  ))
    expect({ inTime, result }).toMatchObject({
      inTime: true,
      result: { exitCode: 69, message: expect.stringMatching(`^${url}(/api/status)?: no answer within 15 s$`) },
    });
});

it("if the response to a new title is lost, the command asks Owncast whether it has the title", async () => {
  const server = createServer((socket) => {
    socket
      .on("error", () => {})
      .once("data", (asked) => {
        if (!`${asked}`.startsWith("GET /api/status ")) return void socket.destroy();
        const body = JSON.stringify({ online: true, streamTitle: "Now" });
        socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
      });
  });
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await setTitle(url, "the-token", "Now");
  await expect(setTitle(url, "the-token", "Later")).rejects.toMatchObject({ exitCode: 69 });
});

it("off-air takes a server as stopped if it has not answered for the documented minute", async () => {
  const url = await silent("hangs in the body");
  const signal = new AbortController().signal;
  const waiting = { url, quietSeconds: 30, say: () => {}, signal, requestSeconds: 0.2, silentSeconds: 1 };
  expect((await timed(() => untilOffAir(waiting), 1)).inTime).toBe(true);
});
