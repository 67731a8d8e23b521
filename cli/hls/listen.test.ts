import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { listenOn } from "./listen.ts";

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

const listen = async (): Promise<Server[]> => {
  const made = await listenOn(() => createServer((_, response) => response.end("here")), `unix:${path}`);
  servers.push(...made);
  return made;
};

const ask = (): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request({ socketPath: path, path: "/" }, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });

/** Leaves a socket file as a process does that is killed while it listens. */
const leaveDeadSocket = (): void => {
  const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  expect(() => execFileSync(process.execPath, ["-e", program])).toThrow();
  expect(existsSync(path)).toBe(true);
};

it("a socket file that a killed process left behind is replaced", async () => {
  leaveDeadSocket();
  await listen();
  expect(await ask()).toBe(200);
});

it("a socket on which another process answers is left to it", async () => {
  await listen();
  await expect(listen()).rejects.toThrow(`unix:${path}: another process answers there`);
  expect(await ask()).toBe(200);
});

it("a file that is no socket is left where it is", async () => {
  writeFileSync(path, "precious");
  await expect(listen()).rejects.toThrow(`unix:${path}: it is not a socket`);
  expect(existsSync(path)).toBe(true);
});

it("a connection that cannot be taken does not end the service", async () => {
  const [server] = await listen();
  expect(() => server?.emit("error", new Error("accept ENFILE"))).not.toThrow();
  expect(await ask()).toBe(200);
});
