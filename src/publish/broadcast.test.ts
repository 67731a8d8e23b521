import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { deadPort } from "../../checks/lib/process/bound-socket.ts";
import { runningEncoders, testCamera, testStreamKey } from "../../checks/lib/stream/camera-at-ingest.ts";
import { type IngestBehaviour, startIngest, type TestIngest } from "../../checks/lib/stream/rtmp-ingest.ts";
import { freePort } from "../lib/free-port.ts";
import { type BroadcastEvent, backoffSeconds, startBroadcast } from "./broadcast.ts";
import type { PublisherOptions } from "./publisher.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});
const ingest = async (behaviour: IngestBehaviour, port?: number): Promise<TestIngest> => {
  const server = await startIngest(behaviour, port);
  open.push(server);
  return server;
};

/** A broadcast with very short pauses, and its events. */
function broadcast(port: number, options: Partial<PublisherOptions> = {}, reconnect = true) {
  const events: BroadcastEvent[] = [];
  const interrupt = new AbortController();
  const { finished } = startBroadcast(testCamera(port, options), {
    signal: interrupt.signal,
    reconnect,
    pauseSeconds: (attempt) => attempt / 100,
    onEvent: (event) => events.push(event),
  });
  finished.catch(() => {});
  return { events, finished, stop: () => interrupt.abort() };
}
const eventually = async (holds: () => boolean) => {
  for (let tries = 0; !holds() && tries < 1000; tries++) await sleep(20);
  expect(holds()).toBe(true);
};
const connected = (events: readonly BroadcastEvent[]) => events.filter(({ kind }) => kind === "connected").length;

describe("a broadcast that loses its connection", () => {
  it("reconnects each time, and counts the frames of all connections", async () => {
    const server = await ingest({ closesAfter: 10 });
    const { events, finished, stop } = broadcast(server.port);
    await eventually(() => connected(events) >= 3);
    stop();
    const { reconnects, frames } = await finished;
    expect(reconnects).toBeGreaterThanOrEqual(2);
    expect(frames).toBeGreaterThanOrEqual(server.pictures());
    expect(events.slice(0, 3)).toMatchObject([
      { kind: "connected", again: false },
      { kind: "lost", attempt: 1, error: { exitCode: 1 } },
      { kind: "connected", again: true },
    ]);
    expect(runningEncoders()).toEqual([]);
  });

  it("keeps trying while no server answers, and reconnects when the server is back", async () => {
    const port = await freePort();
    const first = await ingest({}, port);
    const { events, finished, stop } = broadcast(port);
    await eventually(() => connected(events) === 1);
    first.close();
    await eventually(() => events.some((event) => event.kind === "lost" && event.attempt === 4));
    expect(events.at(-1)).toMatchObject({ error: { exitCode: 69 } });
    await ingest({}, port);
    await eventually(() => connected(events) === 2);
    stop();
    expect((await finished).reconnects).toBe(1);
  });

  it("ends if the server refuses it five times in a row", async () => {
    const port = await freePort();
    const first = await ingest({}, port);
    const { events, finished } = broadcast(port);
    await eventually(() => connected(events) === 1);
    first.close();
    const second = await ingest({ refuses: "close" }, port);
    const error = await finished.catch((reason: Error) => reason);
    expect(error).toMatchObject({ exitCode: 77 });
    expect(second.commands.filter((name) => name === "publish")).toHaveLength(5);
    expect(JSON.stringify([events, `${(error as Error).stack}`])).not.toContain(testStreamKey);
  });

  it("ends if reconnects are turned off", async () => {
    const server = await ingest({ closesAfter: 10 });
    await expect(broadcast(server.port, {}, false).finished).rejects.toMatchObject({ exitCode: 1 });
    expect(server.commands.filter((name) => name === "publish")).toHaveLength(1);
  });

  it("ends after its duration, which includes the time of lost connections", async () => {
    const server = await ingest({ closesAfter: 10 });
    const started = performance.now();
    // It may end on air, or between two attempts.
    await broadcast(server.port, { durationSeconds: 2 }).finished.catch(() => {});
    expect(performance.now() - started).toBeGreaterThan(1900);
    expect(server.commands.filter((name) => name === "publish").length).toBeGreaterThan(1);
  });

  it("can be stopped between two attempts", async () => {
    const server = await ingest({ closesAfter: 10 });
    const interrupt = new AbortController();
    const { finished } = startBroadcast(testCamera(server.port), {
      signal: interrupt.signal,
      reconnect: true,
      pauseSeconds: () => 3600,
      onEvent: ({ kind }) => kind === "lost" && interrupt.abort(),
    });
    expect(await finished).toMatchObject({ reconnects: 0 });
  });
});

describe("a first connection that fails is final", () => {
  it("if the server refuses it", async () => {
    const server = await ingest({ refuses: "close" });
    await expect(broadcast(server.port).finished).rejects.toMatchObject({ exitCode: 77 });
    expect(server.commands.filter((name) => name === "publish")).toHaveLength(1);
  });

  it("if no server answers", async () => {
    await expect(broadcast(deadPort()).finished).rejects.toMatchObject({ exitCode: 69 });
  });
});

it("the pauses between attempts get longer, up to half a minute, and differ at random", () => {
  for (const [attempt, most] of [1, 2, 4, 8, 16, 30, 30].entries()) {
    const pauses = Array.from({ length: 50 }, () => backoffSeconds(attempt + 1));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(most);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(most / 2);
    expect(new Set(pauses).size).toBeGreaterThan(1);
  }
});
