import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { onInterrupts } from "./outside.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Stand-ins for this process and for the demo's inner process, and the signals that the inner one gets. */
function demo() {
  const source = new EventEmitter();
  const got: unknown[] = [];
  const child = { kill: (signal?: unknown) => got.push(signal) > 0 };
  return { source, got, interrupted: onInterrupts(child, () => got.push("stop"), source) };
}

it("one Ctrl-C that arrives from the terminal and from npm counts once: the demo is asked to end, not killed", () => {
  const { source, got, interrupted } = demo();
  expect(interrupted()).toBe(false);
  source.emit("SIGINT");
  vi.advanceTimersByTime(499);
  source.emit("SIGINT");
  expect({ got, isInterrupted: interrupted() }).toEqual({ got: ["stop"], isInterrupted: true });
});

it("a second Ctrl-C kills the demo at once", () => {
  const { source, got } = demo();
  source.emit("SIGINT");
  vi.advanceTimersByTime(500);
  source.emit("SIGINT");
  expect(got.slice(0, 2)).toEqual(["stop", "SIGKILL"]);
});

it("a demo is killed if it does not end within 10 s", () => {
  const { source, got } = demo();
  source.emit("SIGTERM");
  vi.advanceTimersByTime(9_999);
  expect(got).toEqual(["stop"]);
  vi.advanceTimersByTime(1);
  expect(got).toEqual(["stop", "SIGKILL"]);
});
