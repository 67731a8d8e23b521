import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startSystemdNotices } from "./systemd-notices.ts";

const patience = { timeout: 30_000, interval: 20 };
const said: string[] = [];
let folder: string;
let told: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-notices-"));
  told = join(folder, "told");
  writeFileSync(told, "");
  said.length = 0;
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  vi.stubEnv("NOTIFY_SOCKET", "/run/systemd/notify");
  vi.stubEnv("WATCHDOG_USEC", "80000");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** systemd's program, as a script that writes down what it is to tell. */
const program = (script: string): void =>
  writeFileSync(join(folder, "systemd-notify"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
const lines = (): string[] => readFileSync(told, "utf8").split("\n").filter(Boolean);

const start = () => startSystemdNotices((line) => void said.push(line));

it("tells that the service is up, once, and then that it lives, until it is stopped", async () => {
  program(`echo "$@" >> ${told}`);
  const notices = start();
  await vi.waitFor(() => expect(lines().length).toBeGreaterThan(3), patience);
  notices.stop();
  expect(lines().slice(0, 3)).toEqual(["READY=1", "WATCHDOG=1", "WATCHDOG=1"]);
  expect(said).toEqual([]);
});

it("says once why systemd cannot be told, and tells again that the service is up", async () => {
  program(`test -s ${told} || { echo "$@" >> ${told}; echo no socket >&2; exit 1; }; echo "$@" >> ${told}`);
  const notices = start();
  await vi.waitFor(() => expect(lines().length).toBeGreaterThan(2), patience);
  notices.stop();
  expect(lines().slice(0, 3)).toEqual(["READY=1", "READY=1", "WATCHDOG=1"]);
  expect(said).toEqual([expect.stringContaining("no socket")]);
});

it("does not tell twice at a time", async () => {
  program(`echo begins >> ${told}; sleep 0.3; echo ends >> ${told}`);
  const notices = start();
  await vi.waitFor(() => expect(lines().length).toBeGreaterThan(3), patience);
  notices.stop();
  expect(lines().slice(0, 4)).toEqual(["begins", "ends", "begins", "ends"]);
});

it("tells nothing without systemd", async () => {
  program(`echo "$@" >> ${told}`);
  vi.stubEnv("NOTIFY_SOCKET", "");
  const notices = start();
  await new Promise((resolve) => setTimeout(resolve, 200));
  notices.stop();
  expect(lines()).toEqual([]);
});
