import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { listenOn } from "./keeper-socket.ts";

it("answers at a path where a killed process left its socket", async () => {
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
