import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { endingSignals, onEndings } from "./ending-signals.mjs";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stand-in for a process, and the requests that the listener gets. */
function listen() {
  const source = new EventEmitter();
  const heard: string[] = [];
  return { source, heard, ...onEndings((signal) => heard.push(signal), source) };
}

it.each(endingSignals)("%s counts as one request if it comes three times within 500 ms", (signal) => {
  const { source, heard } = listen();
  for (let times = 0; times < 3; times++) {
    source.emit(signal, signal);
    vi.advanceTimersByTime(200);
  }
  expect(heard).toEqual([signal]);
});

it("any signal after 500 ms counts as another request", () => {
  const { source, heard } = listen();
  source.emit("SIGINT", "SIGINT");
  vi.advanceTimersByTime(499);
  source.emit("SIGHUP", "SIGHUP");
  vi.advanceTimersByTime(1);
  source.emit("SIGTERM", "SIGTERM");
  expect(heard).toEqual(["SIGINT", "SIGTERM"]);
});

it("a request without a signal counts like a signal", () => {
  const { source, heard, hear } = listen();
  hear("SIGTERM");
  source.emit("SIGINT", "SIGINT");
  expect(heard).toEqual(["SIGTERM"]);
});

it("signals have their usual effect again once the listener has stopped", () => {
  const { source, stop } = listen();
  stop();
  expect(source.eventNames()).toEqual([]);
});
