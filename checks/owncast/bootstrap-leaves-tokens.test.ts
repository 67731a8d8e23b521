import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../lib/process/private-network.ts";
import { png } from "../lib/schema/tiny-pictures.ts";

const stage = `
appearance: { logo: main/logo.png }
chat: { emoji: { list: [{ name: wave, file: main/wave.png }], prune: true } }
integrations:
  webhooks: { list: [{ url: "https://hooks.example/stage", events: [stream-started] }] }
  accessTokens: { list: [{ name: Score board, scopes: [send-messages] }] }
`;
let folder: string;
let network: PrivateNetwork;
const runs: { readonly stdout: string; readonly stderr: string }[] = [];
let wasEncoding: boolean;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-bootstrap-"));
  for (const name of ["bin", "main", "secrets", "plain/data"]) mkdirSync(at(name), { recursive: true });
  for (const name of ["admin-password", "stream-key"]) writeFileSync(at(`secrets/${name}`), `the-${name}\n`);
  for (const name of ["logo", "wave"]) writeFileSync(at(`main/${name}.png`), png(name));
  writeFileSync(at("main.yaml"), stage);
  writeFileSync(at("plain/data/owncast.db"), "");
  // This ffmpeg leaves a trace, and then works like ffmpeg.
  const ffmpeg = `#!/bin/sh\ntouch ${at("was-run")}\nexec ${findProgram("ffmpeg")} "$@"\n`;
  writeFileSync(at("bin/ffmpeg"), ffmpeg, { mode: 0o755 });
  network = await makePrivateNetwork();
  const options = ["--seed", at("main.yaml"), "--secrets", at("secrets"), "--state-dir", at("state")];
  const lectern = lecternCommand("bootstrap", ...options);
  // The second run finds nothing to change.
  for (let run = 0; run < 2; run++) runs.push(await inNetwork([...lectern, "--owncast", findProgram("owncast")]));
  wasEncoding = existsSync(at("was-run"));
});
afterAll(async () => {
  await network?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const inNetwork = (command: readonly string[], cwd?: string) => {
  const [program = "", ...args] = network.enter(command);
  const env = { ...process.env, PATH: `${at("bin")}:${process.env.PATH}` };
  return promisify(execFile)(program, args, { timeout: 60_000, env, ...(cwd && { cwd }) });
};

test("bootstrap makes pictures, webhooks and tokens without a network, and writes the token to the state folder", () => {
  const file = at("state/tokens/Score board");
  const token = readFileSync(file, "utf8").trim();
  expect(token.length).toBeGreaterThan(20);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain(token);
  expect(readFileSync(at("state/applied-password"), "utf8")).toBe("the-admin-password\n");
  expect(statSync(at("state/applied-password")).mode & 0o777).toBe(0o600);
  expect(runs[0]?.stdout).toMatch(/^configured: [1-9]\d* settings and the admin password/);
  expect(runs[1]?.stdout).toContain("configured: 0 settings and the admin password");
  expect(readFileSync(at("state/data/logo.png")).equals(png("logo"))).toBe(true);
  expect(readFileSync(at("state/data/emoji/wave.png")).equals(png("wave"))).toBe(true);
});

test("Owncast encodes a frame when it starts, and none while it is configured", async () => {
  expect(wasEncoding).toBe(false);
  // Without bootstrap, the same program encodes one: otherwise this test could not fail.
  const plain = inNetwork([findProgram("owncast"), "-webserverip", "127.0.0.1"], at("plain"));
  while (!existsSync(at("was-run"))) await sleep(50);
  plain.child.kill();
  await plain.catch(() => {});
});
