import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { endingSignals, onEndings } from "./ending-signals.mjs";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stand-in for a process, and what the listener hears from it. */
function listen() {
  const source = new EventEmitter();
  const heard: string[] = [];
  return { source, heard, ...onEndings((signal) => heard.push(signal), source) };
}

it.each(endingSignals)("%s that comes three times within 500 ms is one request", (signal) => {
  const { source, heard } = listen();
  for (let times = 0; times < 3; times++) {
    source.emit(signal, signal);
    vi.advanceTimersByTime(200);
  }
  expect(heard).toEqual([signal]);
});

it("a signal after 500 ms is another request, whatever signal it is", () => {
  const { source, heard } = listen();
  source.emit("SIGINT", "SIGINT");
  vi.advanceTimersByTime(499);
  source.emit("SIGHUP", "SIGHUP");
  vi.advanceTimersByTime(1);
  source.emit("SIGTERM", "SIGTERM");
  expect(heard).toEqual(["SIGINT", "SIGTERM"]);
});

it("a request that is no signal counts with the signals", () => {
  const { source, heard, hear } = listen();
  hear("SIGTERM");
  source.emit("SIGINT", "SIGINT");
  expect(heard).toEqual(["SIGTERM"]);
});

it("leaves the signals to the system once it has stopped", () => {
  const { source, stop } = listen();
  stop();
  expect(source.eventNames()).toEqual([]);
});
