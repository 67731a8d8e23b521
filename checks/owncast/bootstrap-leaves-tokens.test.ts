import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
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
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-bootstrap-"));
  for (const name of ["main", "secrets"]) mkdirSync(join(folder, name));
  for (const name of ["admin-password", "stream-key"]) writeFileSync(join(folder, "secrets", name), `the-${name}\n`);
  for (const name of ["logo", "wave"]) writeFileSync(join(folder, `main/${name}.png`), png(name));
  writeFileSync(join(folder, "main.yaml"), stage);
  network = await makePrivateNetwork();
});
afterAll(async () => {
  await network?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

test("bootstrap brings about pictures, webhooks and tokens with the network shut; the token is left in the state folder", async () => {
  const at = (name: string) => join(folder, name);
  const options = ["--seed", at("main.yaml"), "--secrets", at("secrets"), "--state-dir", at("state")];
  const lectern = [process.execPath, "--import", "tsx", "src/main.ts", "bootstrap", ...options];
  const [command = "", ...args] = network.enter([...lectern, "--owncast", findProgram("owncast")]);
  // Twice: the second finds all of it in place.
  const runs = [];
  for (let run = 0; run < 2; run++) runs.push(await promisify(execFile)(command, args, { timeout: 60_000 }));
  const file = at("state/tokens/Score board");
  const token = readFileSync(file, "utf8").trim();
  expect(token.length).toBeGreaterThan(20);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain(token);
  expect(readFileSync(at("state/applied-password"), "utf8")).toBe("the-admin-password\n");
  expect(statSync(at("state/applied-password")).mode & 0o777).toBe(0o600);
  expect(runs[1]?.stdout).toContain("configured: 0 settings and the admin password");
  expect(readFileSync(at("state/data/logo.png")).equals(png("logo"))).toBe(true);
  expect(readFileSync(at("state/data/emoji/wave.png")).equals(png("wave"))).toBe(true);
});
