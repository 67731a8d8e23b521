import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../src/lib/free-port.ts";
import { findProgram } from "../../src/lib/programs.ts";
import { sample } from "../lib/exhaustive.ts";
import { eventually } from "../lib/process/demo-process.ts";
import { lecternCommand } from "../lib/process/lectern-command.ts";
import { output } from "../lib/process/output.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../lib/process/private-network.ts";

let folder: string;
let network: PrivateNetwork;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-killed-"));
  mkdirSync(at("secrets"));
  for (const name of ["admin-password", "stream-key"]) writeFileSync(at(`secrets/${name}`), `the-${name}\n`);
  writeFileSync(at("main.yaml"), "instance: { name: Killed }\n");
  writeFileSync(at("odd.yaml"), "instance: { name: Odd, pageText: Text }\n");
  writeFileSync(at("no-program"), "");
  mkdirSync(at("folder"));
  // A real Owncast at a port where bootstrap does not look for it: so bootstrap waits as long as the test needs. Its
  // output goes to a file: if nobody read a pipe, Owncast could end by itself.
  const flags = `-webserverip 127.0.0.1 -webserverport ${await freePort()} -rtmpport ${await freePort()}`;
  writeFileSync(
    at("owncast"),
    `#!/bin/sh\necho $$ > ${at("pid")}\nexec ${findProgram("owncast")} ${flags} > ${at("log")} 2>&1\n`,
    {
      mode: 0o755,
    },
  );
  network = await makePrivateNetwork();
});
afterAll(async () => {
  await network?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function startBootstrap(stageFile = "main.yaml", stderr: "inherit" | "pipe" = "inherit"): ChildProcess {
  const options = ["--seed", at(stageFile), "--secrets", at("secrets"), "--state-dir", at("state"), "--attempts", "3"];
  const lectern = lecternCommand("bootstrap", ...options, "--deadline", "500");
  const [command = "", ...args] = network.enter([...lectern, "--owncast", at("owncast")]);
  return spawn(command, args, { stdio: ["ignore", "ignore", stderr] });
}

const programOf = (pid: string): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
};

test.each(["SIGKILL", "SIGTERM"] as const)("%s of bootstrap ends the Owncast that it started", async (signal) => {
  rmSync(at("pid"), { force: true });
  const child = startBootstrap();
  const owncast = findProgram("owncast");
  const pid = () => (existsSync(at("pid")) ? readFileSync(at("pid"), "utf8").trim() : "");
  try {
    expect(await eventually(() => programOf(pid()) === owncast)).toBe(true);
    child.kill(signal);
    await once(child, "exit");
    expect(await eventually(() => programOf(pid()) !== owncast)).toBe(true);
  } finally {
    child.kill("SIGKILL");
    if (programOf(pid()) === owncast) process.kill(Number(pid()), "SIGKILL");
  }
});

test("a bad seed ends the Owncast that started meanwhile, without a retry", async () => {
  writeFileSync(at("bad.yaml"), "instance: { nmae: Killed }\n");
  const child = startBootstrap("bad.yaml", "pipe");
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = await once(child, "close");
  expect({ code, said }).toEqual({
    code: 65,
    said: expect.stringMatching(/^\S+bad\.yaml:1:13: instance\.nmae: .+\n$/),
  });
  if (existsSync(at("pid"))) expect(programOf(readFileSync(at("pid"), "utf8").trim())).toBeUndefined();
});

const garbage = Buffer.alloc(20_000, "not a page of a database ");
const sqlite = "SQLite format 3\0";

interface Case {
  readonly claim: string;
  /** Makes the state folder's `data/owncast.db`, or a replacement. */
  readonly put?: (database: string) => void;
  readonly owncast?: string;
  readonly stateDir?: string;
  readonly says: RegExp;
}

const cases: readonly Case[] = [
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
];

test.each(sample("states that bootstrap cannot use", cases, 3))(
  "a database that is $claim: bootstrap ends at once, with a sentence and a remedy",
  async (odd) => {
    const { put = () => {}, owncast, stateDir = at("odd"), says } = odd;
    rmSync(at("odd"), { recursive: true, force: true });
    mkdirSync(at("odd/data"), { recursive: true });
    chmodSync(at("odd/data"), 0o700);
    put(at("odd/data/owncast.db"));
    const options = ["--seed", at("odd.yaml"), "--secrets", at("secrets"), "--state-dir", stateDir, "--deadline", "10"];
    const program = owncast === undefined ? findProgram("owncast") : at(owncast);
    const lectern = lecternCommand("bootstrap", ...options, "--owncast", program);
    const { code, stderr } = await output(network.enter(["timeout", "30", ...lectern]));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(says) });
    expect(stderr).toMatch(/\n {2}→ \S/);
    expect(stderr).not.toMatch(/goroutine|\n\s+at |fault of lectern/);
  },
);
