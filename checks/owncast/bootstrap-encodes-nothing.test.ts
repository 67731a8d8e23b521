import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../lib/process/private-network.ts";

let folder: string;
let network: PrivateNetwork;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-encodes-"));
  for (const name of ["bin", "secrets", "plain/data"]) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["admin-password", "stream-key"]) writeFileSync(join(folder, "secrets", name), `the-${name}\n`);
  writeFileSync(join(folder, "main.yaml"), "instance: { name: Encodes nothing }\n");
  writeFileSync(join(folder, "plain/data/owncast.db"), "");
  // Says that it was run, and does what ffmpeg does.
  writeFileSync(at("bin/ffmpeg"), `#!/bin/sh\ntouch ${at("was-run")}\nexec ${findProgram("ffmpeg")} "$@"\n`, {
    mode: 0o755,
  });
  network = await makePrivateNetwork();
});
afterAll(async () => {
  await network?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const runs = (command: readonly string[], cwd?: string) => {
  const [program = "", ...args] = network.enter(command);
  const env = { ...process.env, PATH: `${at("bin")}:${process.env.PATH}` };
  return promisify(execFile)(program, args, { timeout: 60_000, env, ...(cwd && { cwd }) });
};

test("Owncast encodes a picture when it starts, and none while it is configured", async () => {
  const options = ["--seed", at("main.yaml"), "--secrets", at("secrets"), "--state-dir", at("state")];
  const lectern = [process.execPath, "--import", "tsx", join(process.cwd(), "src/main.ts"), "bootstrap", ...options];
  const { stdout } = await runs([...lectern, "--owncast", findProgram("owncast")]);
  expect(stdout).toContain("configured: 2 settings");
  expect(existsSync(at("was-run"))).toBe(false);
  // The same program, started as it is, does: or this test could not fail.
  const plain = runs([findProgram("owncast"), "-webserverip", "127.0.0.1"], at("plain"));
  while (!existsSync(at("was-run"))) await sleep(50);
  plain.child.kill();
  await plain.catch(() => {});
});
