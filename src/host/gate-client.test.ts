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

/** Stands for a gate at its socket; the real one is asked in checks/systemd. */
async function answering(listener: RequestListener): Promise<void> {
  server = createServer(listener);
  await new Promise<void>((ready) => server?.listen(socket, ready));
}
const publisher = { key: "moderator", address: "192.0.2.2", sinceSeconds: 5, silentSeconds: 0.1, kbps: 900 };
const state: GateState = { listening: true, inputs: { main: { publisher, waiting: 1 } }, refused: { "wrong key": 2 } };
const thrown = (seconds = 5) => readGate(socket, seconds).catch((error) => error);

describe("a gate's state", () => {
  it("is asked for at its socket; what a later version adds is left out", async () => {
    let asked: string | undefined;
    await answering((request, response) => {
      asked = request.url;
      response.end(JSON.stringify({ ...state, more: true }));
    });
    expect(await readGate(socket, 5)).toEqual(state);
    expect(asked).toBe("/status");
  });

  it("a gate that is not there is named with its socket and a remedy", async () => {
    expect(await thrown()).toMatchObject({
      exitCode: ExitCode.unreachable,
      message: `the gate does not respond at ${socket}: ENOENT`,
      remedy: expect.stringContaining("journalctl"),
    });
  });

  it("one that never answers is given up at the deadline", async () => {
    await answering(() => {});
    expect(await thrown(0.2)).toMatchObject({
      exitCode: ExitCode.unreachable,
      message: expect.stringContaining("no response within 0.2 s"),
    });
  });

  it("one that stops in the middle of its answer is given up, too", async () => {
    await answering((_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{");
    });
    expect(await thrown(0.2)).toMatchObject({ exitCode: ExitCode.unreachable });
  });

  it("one that breaks off in the middle is a fault, not an answer", async () => {
    await answering((request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{", () => request.socket.destroy());
    });
    expect(await thrown()).toMatchObject({ exitCode: ExitCode.unreachable });
  });

  it.each([
    ["no JSON", "{", "expected object"],
    ["another shape", '{"listening":"yes"}', "listening"],
    ["a number that no gate has", JSON.stringify({ ...state, refused: { x: -1 } }), "refused.x"],
  ])("an answer that is %s is named", async (_, text, says) => {
    await answering((_request, response) => response.end(text));
    const error = await thrown();
    expect(error.exitCode).toBe(ExitCode.unreachable);
    expect(error.message).toContain(socket);
    expect(error.message).toContain(says);
  });

  it("an answer without an end is not read to its end", async () => {
    await answering((_, response) => {
      const more = () => {
        while (response.write("x".repeat(10_000)));
        response.once("drain", more);
      };
      more();
    });
    expect(await thrown()).toMatchObject({ message: expect.stringContaining("more than 65536 bytes") });
  });

  it("another status than 200 is a fault", async () => {
    await answering((_, response) => response.writeHead(500).end("{}"));
    expect(await thrown()).toMatchObject({ message: expect.stringContaining("status 500") });
  });
});
