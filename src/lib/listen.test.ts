import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cannotListen, listenAt, readPlace } from "./listen.ts";

let folder: string;
let path: string;
let servers: Server[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-listen-"));
  path = join(folder, "status.sock");
  servers = [];
});
afterEach(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(): Promise<Server> {
  const server = createServer();
  servers.push(server);
  await listenAt(server, { path }, `unix:${path}`);
  return server;
}

describe("a socket file", () => {
  it("of a process that was killed is replaced", async () => {
    const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    expect(() => execFileSync(process.execPath, ["-e", program])).toThrow();
    expect(lstatSync(path).isSocket()).toBe(true);
    expect((await listen()).listening).toBe(true);
  });

  it("is not replaced if another process answers on it", async () => {
    await listen();
    await expect(listen()).rejects.toThrow(`cannot listen on unix:${path}: another process answers there`);
    expect(existsSync(path)).toBe(true);
  });

  it("is not replaced if it is not a socket", async () => {
    writeFileSync(path, "precious");
    await expect(listen()).rejects.toThrow(`cannot listen on unix:${path}: it is not a socket`);
    expect(readFileSync(path, "utf8")).toBe("precious");
  });
});

it("the service goes on if it cannot accept a connection", async () => {
  const server = await listen();
  expect(() => server.emit("error", new Error("accept ENFILE"))).not.toThrow();
});

it.each([
  ["EACCES", "this user may not listen there"],
  ["EADDRINUSE", "another program uses it"],
])("the error for %s says what to do", (code, remedy) => {
  const error = Object.assign(new Error(`listen ${code}`), { code });
  expect(cannotListen("[::]:80", error)).toMatchObject({
    message: `cannot listen on [::]:80: listen ${code}`,
    remedy: expect.stringContaining(remedy),
  });
});

it.each([
  ["127.0.0.1:1935", { host: "127.0.0.1", port: 1935 }],
  ["[::]:1935", { host: "::", port: 1935 }],
  ["localhost:0", { host: "localhost", port: 0 }],
  ["unix:/run/a.sock", { path: "/run/a.sock" }],
  ["::1:1935", undefined],
  [":1935", undefined],
  ["127.0.0.1:65536", undefined],
  ["127.0.0.1", undefined],
  ["unix:", undefined],
])("the address %s is read as %o", (text, place) => expect(readPlace(text)).toEqual(place));
