import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { EdgeProcess } from "./edge-process.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-edge-process-"));
const at = (name: string): string => join(folder, name);
const starts = (): string[] => readFileSync(at("starts"), "utf8").split("\n").filter(Boolean);
const lives = (pid: string): boolean => {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
};

beforeAll(() => {
  // A server with a child, as nginx has workers.
  const program = '#!/bin/sh\nsleep 60 &\necho "$$ $! $(printenv NGINX || echo none)" >> starts\nwait\n';
  writeFileSync(at("nginx"), program, { mode: 0o755 });
  writeFileSync(at("starts"), "");
  vi.stubEnv("NGINX", at("nginx"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it("an edge that a person kills dies with its workers, comes back by itself, and stays away once it is stopped", async () => {
  const said: string[] = [];
  const edge = new EdgeProcess("paris", folder, at("kill"), (line) => said.push(line), 100);
  await edge.start();
  await expect.poll(starts).toHaveLength(1);
  const [pid = "", worker = "", variable] = starts()[0]?.split(" ") ?? [];
  expect(variable).toBe("none");
  expect([lives(pid), lives(worker)]).toEqual([true, true]);
  writeFileSync(at("kill"), "");
  await expect.poll(starts).toHaveLength(2);
  expect(said).toEqual([expect.stringContaining("the edge paris ended by itself (SIGKILL)")]);
  await expect.poll(() => [lives(pid), lives(worker)]).toEqual([false, false]);
  await edge.stop();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(starts()).toHaveLength(2);
  process.kill(Number(starts()[1]?.split(" ")[1]), "SIGKILL");
});

it("an edge that is stopped while it starts does not start", async () => {
  const before = starts().length;
  const edge = new EdgeProcess("tokyo", folder, at("kill"), () => {}, 100);
  const starting = edge.start();
  await edge.stop();
  await expect(starting).rejects.toThrow("aborted");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(starts()).toHaveLength(before);
});
