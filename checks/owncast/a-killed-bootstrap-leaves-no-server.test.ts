import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../src/lib/free-port.ts";
import { findProgram } from "../../src/lib/programs.ts";
import { eventually } from "../lib/process/demo-process.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../lib/process/private-network.ts";

let folder: string;
let network: PrivateNetwork;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lectern-killed-"));
  mkdirSync(at("secrets"));
  for (const name of ["admin-password", "stream-key"]) writeFileSync(at(`secrets/${name}`), `the-${name}\n`);
  writeFileSync(at("main.yaml"), "instance: { name: Killed }\n");
  // A real Owncast at a port where bootstrap does not look for it: bootstrap waits as long as the test needs. It says
  // nothing to bootstrap, for it could otherwise end by itself when it finds nobody there to read it.
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
  const lectern = [process.execPath, "--import", "tsx", "src/main.ts", "bootstrap", ...options, "--deadline", "500"];
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

test("a seed that is bad ends the Owncast that started while it was read, and is not tried again", async () => {
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
