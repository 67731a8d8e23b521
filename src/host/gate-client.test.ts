import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ExitCode } from "../lib/errors.ts";
import { type GateState, readGate } from "./gate-client.ts";

let folder: string;
let socket: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-gate-"));
  socket = join(folder, "status.sock");
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

/** A stand-in for a gate at its socket. checks/systemd uses the real one. */
async function answering(listener: RequestListener): Promise<void> {
  server = createServer(listener);
  await new Promise<void>((ready) => server?.listen(socket, ready));
}
const publisher = { key: "moderator", address: "192.0.2.2", sinceSeconds: 5, silentSeconds: 0.1, kbps: 900 };
const state: GateState = { listening: true, inputs: { main: { publisher, waiting: 1 } }, refused: { "wrong key": 2 } };
const thrown = (seconds = 5) => readGate(socket, seconds).catch((error) => error);

describe("a gate's state", () => {
  it("is read from the gate's socket; fields of a later version are left out", async () => {
    let asked: string | undefined;
    await answering((request, response) => {
      asked = request.url;
      response.end(JSON.stringify({ ...state, more: true }));
    });
    expect(await readGate(socket, 5)).toEqual(state);
    expect(asked).toBe("/status");
  });

  it("is missing if no gate listens; the error names the socket and a remedy", async () => {
    expect(await thrown()).toMatchObject({
      exitCode: ExitCode.unreachable,
      message: `the gate does not respond at ${socket}: ENOENT`,
      remedy: expect.stringContaining("journalctl"),
    });
  });

  it("is given up at the deadline if the gate never answers", async () => {
    await answering(() => {});
    expect(await thrown(0.2)).toMatchObject({
      exitCode: ExitCode.unreachable,
      message: expect.stringContaining("no response within 0.2 s"),
    });
  });

  it("is given up at the deadline if the gate stops in the middle of its response", async () => {
    await answering((_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{");
    });
    expect(await thrown(0.2)).toMatchObject({ exitCode: ExitCode.unreachable });
  });

  it("is refused if the gate closes the connection in the middle of its response", async () => {
    await answering((request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{", () => request.socket.destroy());
    });
    expect(await thrown()).toMatchObject({ exitCode: ExitCode.unreachable });
  });

  it.each([
    ["not JSON", "{", "expected object"],
    ["of another shape", '{"listening":"yes"}', "listening"],
    ["an impossible number", JSON.stringify({ ...state, refused: { x: -1 } }), "refused.x"],
  ])("is refused with the reason if the response is %s", async (_, text, says) => {
    await answering((_request, response) => response.end(text));
    const error = await thrown();
    expect(error.exitCode).toBe(ExitCode.unreachable);
    expect(error.message).toContain(socket);
    expect(error.message).toContain(says);
  });

  it("is given up if the response is endless", async () => {
    await answering((_, response) => {
      const more = () => {
        while (response.write("x".repeat(10_000)));
        response.once("drain", more);
      };
      more();
    });
    expect(await thrown()).toMatchObject({ message: expect.stringContaining("more than 65536 bytes") });
  });

  it("is refused if the HTTP status is not 200", async () => {
    await answering((_, response) => response.writeHead(500).end("{}"));
    expect(await thrown()).toMatchObject({ message: expect.stringContaining("status 500") });
  });
});
