import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findProgram } from "../../src/lib/programs.ts";
import { output } from "../lib/process/output.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../lib/process/private-network.ts";

let folder: string;
let network: PrivateNetwork;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-odd-"));
  mkdirSync(at("secrets"));
  for (const name of ["admin-password", "stream-key"]) writeFileSync(at(`secrets/${name}`), `the-${name}\n`);
  writeFileSync(at("main.yaml"), "instance: { name: Odd, pageText: Text }\n");
  writeFileSync(at("no-program"), "");
  mkdirSync(at("folder"));
  network = await makePrivateNetwork();
});
afterAll(async () => {
  await network?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

const garbage = Buffer.alloc(20_000, "not a page of a database ");
const sqlite = "SQLite format 3\0";

interface Case {
  readonly claim: string;
  /** Puts the state folder's `data/owncast.db` there, or what stands for it. */
  readonly put?: (database: string) => void;
  readonly owncast?: string;
  readonly stateDir?: string;
  readonly says: RegExp;
}

test.each<Case>([
  { claim: "a pipe", put: (file) => execFileSync("mkfifo", [file]), says: /owncast\.db: is not a file/ },
  { claim: "a folder", put: (file) => mkdirSync(file), says: /owncast\.db: is not a file/ },
  { claim: "something else", put: (file) => writeFileSync(file, garbage), says: /owncast\.db: is damaged/ },
  {
    claim: "a database that is damaged after its head",
    put: (file) => writeFileSync(file, Buffer.concat([Buffer.from(sqlite, "latin1"), garbage])),
    says: /owncast\.db: is damaged/,
  },
  { claim: "nothing, in a place where nothing can be made", stateDir: "/proc/lectern/state", says: /cannot be used/ },
  {
    claim: "nothing, beside an Owncast that is a folder",
    owncast: "folder",
    says: /folder cannot be started: it is no/,
  },
  {
    claim: "nothing, beside an Owncast that nobody may run",
    owncast: "no-program",
    says: /no-program cannot be start/,
  },
])("a database that is $claim: bootstrap ends at once, with a sentence and a remedy", async (odd) => {
  const { put = () => {}, owncast, stateDir = at("state"), says } = odd;
  rmSync(at("state"), { recursive: true, force: true });
  mkdirSync(at("state/data"), { recursive: true });
  chmodSync(at("state/data"), 0o700);
  put(at("state/data/owncast.db"));
  const options = ["--seed", at("main.yaml"), "--secrets", at("secrets"), "--state-dir", stateDir, "--deadline", "10"];
  const program = owncast === undefined ? findProgram("owncast") : at(owncast);
  const lectern = [process.execPath, "--import", "tsx", "src/main.ts", "bootstrap", ...options, "--owncast", program];
  const { code, stderr } = await output(network.enter(["timeout", "30", ...lectern]));
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(says) });
  expect(stderr).toMatch(/\n {2}→ \S/);
  expect(stderr).not.toMatch(/goroutine|\n\s+at |fault of lectern/);
});
