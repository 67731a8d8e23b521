import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, get, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeptFolder } from "../../../checks/lib/keeper/kept-folder.ts";
import { captionsProgram, unshownPath, writeTracks } from "../../lib/captions-tracks.ts";
import { monotonicMs } from "../../lib/monotonic.ts";
import { serverFactory } from "./keeper-server.ts";
import { listenOn } from "./keeper-service.ts";
import { NativeViewers } from "./native-viewers.ts";
import { PlaylistKeeper } from "./playlist-keeper.ts";

let folder: KeptFolder;
let server: Server;
let owncast: Server;
let viewers: NativeViewers;
let keeper: PlaylistKeeper;
let url: string;
let told: IncomingMessage[];

const listen = async (one: Server): Promise<string> => {
  one.listen(0, "127.0.0.1");
  await once(one, "listening");
  return `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
};

beforeEach(async () => {
  folder = new KeptFolder();
  told = [];
  owncast = createServer((request, response) => {
    told.push(request);
    response.end();
  });
  viewers = new NativeViewers(await listen(owncast));
  keeper = folder.keeper();
  server = serverFactory(keeper, viewers)();
  url = await listen(server);
});
afterEach(() => {
  for (const one of [server, owncast]) {
    one.close();
    one.closeAllConnections();
  }
  viewers.stop();
  folder.remove();
});

/** Another server for the present keeper. */
async function restart(): Promise<void> {
  server.close();
  server.closeAllConnections();
  server = serverFactory(keeper, viewers)();
  url = await listen(server);
}

function goLive(): void {
  folder.owncast.connect(2, 2, 3);
  folder.owncast.segment();
  folder.write();
  keeper.look();
  keeper.look();
}

describe("a playlist", () => {
  it("comes with the headers that players and edges need", async () => {
    goLive();
    const response = await fetch(`${url}/hls/1/stream.m3u8?cachebust=abc`);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/x-mpegURL",
      "access-control-allow-origin": "*",
      "cache-control": "public, max-age=1",
    });
    expect(await response.text()).toBe(keeper.playlist("1"));
    expect(await (await fetch(`${url}/hls/stream.m3u8`)).text()).toBe(folder.owncast.files.get("stream.m3u8"));
  });

  it("is not sent again if the player has it already", async () => {
    goLive();
    const etag = (await fetch(`${url}/hls/0/stream.m3u8`)).headers.get("etag") ?? "";
    const again = await fetch(`${url}/hls/0/stream.m3u8`, { headers: { "if-none-match": `"other", ${etag}` } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    folder.owncast.segment();
    folder.write();
    keeper.look();
    const newer = await fetch(`${url}/hls/0/stream.m3u8`, { headers: { "if-none-match": etag } });
    expect(newer.status).toBe(200);
  });

  it("has a length and no body in the response to HEAD", async () => {
    goLive();
    const response = await fetch(`${url}/hls/0/stream.m3u8`, { method: "HEAD" });
    expect(response.headers.get("content-length")).toBe(`${keeper.playlist("0")?.length}`);
    expect(await response.text()).toBe("");
  });

  it("that has ended tells edges not to cache it", async () => {
    folder.owncast.start(1);
    folder.write();
    keeper.look();
    keeper.look();
    const response = await fetch(`${url}/hls/0/stream.m3u8`);
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-cache"]);
  });
});

it.each([
  ["GET", "/hls/9/stream.m3u8", 503],
  ["GET", "/hls/stream.m3u8", 503],
  ["GET", "/hls/0/stream-s1-x-0.ts", 404],
  ["GET", "/hls/../hls/0/stream.m3u8x", 404],
  ["GET", "/hls/00/stream.m3u8", 404],
  ["GET", "/hls/0//stream.m3u8", 404],
  ["GET", "/", 404],
  ["GET", "/admin", 404],
  ["POST", "/hls/stream.m3u8", 405],
  ["PUT", "/hls/0/stream.m3u8", 405],
  ["DELETE", "/metrics", 405],
])("%s %s gets the status %i before anything is there", async (method, path, status) => {
  expect((await fetch(`${url}${path}`, { method })).status).toBe(status);
});

it("only a rendition's playlist waits for the first segment of a returning publisher", async () => {
  goLive();
  const lookMs = (ms: number) => keeper.look(monotonicMs() + ms);
  folder.owncast.drop();
  folder.write();
  lookMs(-6000);
  folder.owncast.connect(2, 2, 3);
  folder.write();
  lookMs(-1500);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async () => {
    const [response] = await once(get(`${url}/hls/0/stream.m3u8?cachebust=1`, { agent }), "response");
    return text(response);
  };
  // The keeper lets no request on a new connection wait: if the keeper were killed, Caddy would not retry it.
  expect(await ask()).toBe(keeper.playlist("0"));
  const waiting = ask();
  for (const [path, method, status] of [
    ["/hls/stream.m3u8", "GET", 200],
    ["/hls/0/stream.m3u8", "HEAD", 200],
    ["/hls/0/stream.m3u8", "POST", 405],
    ["/hls/9/stream.m3u8", "GET", 503],
  ] as const)
    expect((await fetch(`${url}${path}`, { method })).status).toBe(status);
  expect(await Promise.race([waiting, "not yet"])).toBe("not yet");
  folder.owncast.segment();
  folder.write();
  for (const _ of [1, 2]) lookMs(0);
  expect(await waiting).toBe(keeper.playlist("0"));
  expect(await waiting).toContain("stream-s2-x-0.ts");
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('lectern_keeper_requests_total{status="200"} 4');
  agent.destroy();
});

describe("viewers", () => {
  const ask = (address: string, program: string) =>
    fetch(`${url}/hls/0/stream.m3u8`, { headers: { "x-forwarded-for": address, "user-agent": program } });

  it("are reported to Owncast with address and program, each once in 5 s", async () => {
    goLive();
    for (let time = 0; time < 3; time++) await ask("192.0.2.1", "VLC/3.0");
    await ask("192.0.2.2", "VLC/3.0");
    await ask("192.0.2.2", "mpv");
    await expect.poll(() => told.length).toBe(3);
    const seen = told.map(({ headers }) => `${headers["x-forwarded-for"]} ${headers["user-agent"]}`);
    expect(seen.sort()).toEqual(["192.0.2.1 VLC/3.0", "192.0.2.2 VLC/3.0", "192.0.2.2 mpv"]);
    expect(told[0]).toMatchObject({ method: "HEAD", url: "/hls/stream.m3u8" });
  });

  it("are not the captions service, which follows the playlist", async () => {
    goLive();
    await ask("", "lectern-captions");
    await ask("", "lectern-captions/1");
    await expect.poll(() => told.map(({ headers }) => headers["user-agent"])).toEqual(["lectern-captions/1"]);
  });

  it("are reported again after 5 s", async () => {
    for (const nowMs of [10_000, 14_999, 15_000, 30_000]) viewers.report("192.0.2.1", "VLC", nowMs);
    await expect.poll(() => told.length).toBe(3);
  });

  it("get their playlist even if Owncast is down", async () => {
    goLive();
    owncast.close();
    owncast.closeAllConnections();
    expect((await ask("192.0.2.1", "VLC")).status).toBe(200);
  });
});

it("the keeper passes Caddy's health check before anything is on air", async () => {
  expect((await fetch(`${url}/api/status`)).status).toBe(200);
  expect(await (await fetch(`${url}/metrics`)).text()).not.toContain("requests_total{");
});

it("the keeper counts its work for Prometheus", async () => {
  goLive();
  await fetch(`${url}/hls/0/stream.m3u8`);
  await fetch(`${url}/metrics`);
  const text = await (await fetch(`${url}/metrics`)).text();
  expect(text).toMatch(/^# TYPE lectern_keeper_drops_total counter\nlectern_keeper_drops_total 0$/m);
  expect(text).toContain('lectern_keeper_requests_total{status="200"} 1');
  expect(text).toContain("lectern_keeper_on_air 1");
  for (const line of text.trimEnd().split("\n"))
    expect(line).toMatch(/^(# (HELP|TYPE) lectern_keeper_\w+ .+|lectern_keeper_\w+(\{\w+="\w+"\})? [\d.]+)$/);
});

describe("captions", () => {
  const serve = (): void => {
    const captionsDir = join(folder.keptDir, "..", "captions");
    for (const language of ["en", "pt-BR"]) mkdirSync(join(captionsDir, language), { recursive: true });
    const tracks = [
      { language: "en", name: "English" },
      { language: "pt-BR", name: "Português" },
    ];
    writeTracks(captionsDir, { trailSegments: 2, tracks });
    const options = { hlsDir: folder.hlsDir, keptDir: folder.keptDir, graceMs: 30_000, captionsDir, say: () => {} };
    keeper = new PlaylistKeeper(options, folder.nowMs);
  };
  const playlist = "/hls/captions/pt-BR/stream.m3u8";

  it("come with the headers of the other playlists, and are not sent again", async () => {
    serve();
    await restart();
    goLive();
    expect(await (await fetch(`${url}/hls/stream.m3u8`)).text()).toContain('URI="captions/pt-BR/stream.m3u8"');
    const response = await fetch(`${url}${playlist}?x=y`);
    const { headers, status } = response;
    expect(status).toBe(200);
    const [video, of] = await Promise.all([fetch(`${url}/hls/0/stream.m3u8`), response.text()]);
    expect(of).toBe((await video.text()).replaceAll(".ts\n", ".vtt\n"));
    for (const name of ["content-type", "access-control-allow-origin", "cache-control"])
      expect([name, headers.get(name)]).toEqual([name, video.headers.get(name)]);
    const again = await fetch(`${url}${playlist}`, { headers: { "if-none-match": headers.get("etag") ?? "" } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain("\nlectern_keeper_caption_tracks 2\n");
    expect(metrics).toContain('\nlectern_keeper_caption_requests_total{language="pt-BR"} 2\n');
    expect(metrics).not.toContain('language="en"');
    // The video's playlists alone count viewers.
    await expect.poll(() => told.length).toBe(1);
  });

  it("are waited for: only the captions service gets the segments before", async () => {
    serve();
    await restart();
    goLive();
    folder.owncast.segment();
    folder.write();
    keeper.look();
    const segments = async (path: string) => {
      const answer = await fetch(`${url}${path}`, { headers: { "user-agent": captionsProgram } });
      return (await answer.text()).match(/^stream-.*\.ts$/gm)?.length;
    };
    expect([await segments(unshownPath), await segments("/hls/0/stream.m3u8")]).toEqual([2, 1]);
    keeper = folder.keeper();
    await restart();
    expect((await fetch(`${url}${unshownPath}`)).status).toBe(404);
  });

  it.each([
    ["GET", playlist, 503],
    ["GET", unshownPath, 503],
    ["POST", unshownPath, 405],
    ["POST", playlist, 405],
    ["GET", "/hls/captions/fr/stream.m3u8", 404],
    ["GET", "/hls/captions/EN/stream.m3u8", 404],
    ["GET", "/hls/captions/en/stream-s1-x-0.vtt", 404],
    ["GET", "/hls/captions/stream.m3u8", 404],
    ["GET", "/hls/captions/en/../en/stream.m3u8x", 404],
    ["GET", "/hls/captions/%65n/stream.m3u8", 404],
  ])("%s %s gets the status %i before anything is on air", async (method, path, status) => {
    serve();
    await restart();
    expect((await fetch(`${url}${path}`, { method })).status).toBe(status);
  });

  it("are unknown without a captions service's folder, and then not in the metrics", async () => {
    goLive();
    expect((await fetch(`${url}${playlist}`)).status).toBe(404);
    expect(await (await fetch(`${url}/metrics`)).text()).not.toContain("caption");
  });
});

it("the keeper can listen where a killed process left its socket", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-listen-"));
  const path = join(folder, "keeper.sock");
  const killed = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  expect(() => execFileSync(process.execPath, ["-e", killed])).toThrow();
  expect(lstatSync(path).isSocket()).toBe(true);
  const servers = await listenOn(() => createServer((_, response) => response.end("here")), `unix:${path}`);
  try {
    const status = await new Promise((resolve, reject) => {
      request({ socketPath: path, path: "/" }, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).toBe(200);
  } finally {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  }
});
