import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../checks/lib/needs.ts";
import { until } from "../process/start-script.ts";
import { tree } from "../setup/provision.mjs";
import { hasNamespaces, type Network, namespaceCommand, thisMachine } from "./own-namespaces.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-namespaces-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const read = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), "utf8") : "");

/** Runs test files as a lane does, two at a time. `say(text)` in a file appends to `log`. */
function runFiles(...bodies: readonly string[]) {
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  writeFileSync(
    at("vitest.config.mjs"),
    `import { ownNamespaces } from ${module("own-namespaces.mjs")};
    export default { test: { globals: true, maxWorkers: 2, pool: ownNamespaces("loopback") } };`,
  );
  for (const [number, body] of bodies.entries())
    writeFileSync(
      at(`${number}.test.mjs`),
      `import { appendFileSync, existsSync, writeFileSync } from "node:fs";
      import { spawn } from "node:child_process";
      import { createServer } from "node:net";
      import { networkInterfaces, tmpdir } from "node:os";
      import { setTimeout as sleep } from "node:timers/promises";
      const say = (text) => appendFileSync(${JSON.stringify(at("log"))}, text + "\\n");
      test("runs", async () => {${body}});`,
    );
  const vitest = spawn(
    process.execPath,
    [
      join(tree, "node_modules/vitest/vitest.mjs"),
      "run",
      "--root",
      folder,
      "--reporter=json",
      "--outputFile",
      at("report"),
    ],
    { stdio: "ignore", detached: true },
  );
  return Object.assign(vitest, { ended: once(vitest, "exit") });
}

const outcomes = () =>
  (JSON.parse(read("report")).testResults as { assertionResults: { status: string; failureMessages: string[] }[] }[])
    .flatMap(({ assertionResults }) => assertionResults)
    .map(({ status, failureMessages }) => [status, ...failureMessages].join(": "));

/** The processes that have this among their arguments. */
const processesWith = (argument: string): string[] =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(argument);
    } catch {
      return false;
    }
  });

/** The network namespace, and the IPv4 addresses in it, that a program finds when it is started by `command`. */
function findNetwork(...command: string[]) {
  const script = `const interfaces = Object.values(os.networkInterfaces()).flat();
    const addresses = interfaces.filter(({ family }) => family === "IPv4").map(({ address }) => address);
    console.log(JSON.stringify({ namespace: fs.readlinkSync("/proc/self/ns/net"), addresses }));`;
  const [program = "", ...args] = [...command, process.execPath, "-e", script];
  return JSON.parse(execFileSync(program, args, { encoding: "utf8" }));
}

const mayHave = hasNamespaces("loopback", false, thisMachine);

describe("a test file in namespaces of its own", needs(mayHave, "root, and namespaces → sudo npm test"), () => {
  it("can use the same port and temporary file as another test file at the same time, and leaves no process behind", async () => {
    const argument = `4${process.pid}`;
    const meeting = (own: string, other: string) => `
      const server = createServer().listen(8080, "127.0.0.1");
      await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
      const file = tmpdir() + "/same";
      expect(existsSync(file)).toBe(false);
      writeFileSync(file, "");
      writeFileSync(${JSON.stringify(folder)} + "/${own}", "");
      while (!existsSync(${JSON.stringify(folder)} + "/${other}")) await sleep(20);
      spawn("sleep", ["${argument}"], { detached: true, stdio: "ignore" }).unref();
      expect(Object.keys(networkInterfaces())).toEqual(["lo"]);`;
    await runFiles(meeting("first", "second"), meeting("second", "first")).ended;
    expect(outcomes()).toEqual(["passed", "passed"]);
    expect(processesWith(argument)).toEqual([]);
  });

  it.each<{ network: Network; addresses: readonly string[] }>([
    { network: "loopback", addresses: ["127.0.0.1"] },
    { network: "online", addresses: ["127.0.0.1", "192.0.2.1"] },
  ])("finds the network $network: $addresses", ({ network, addresses }) => {
    const found = findNetwork(...namespaceCommand(network, folder, thisMachine));
    expect(found).toEqual({ namespace: expect.not.stringContaining(findNetwork().namespace), addresses });
  });

  it("finds the network of this machine", () =>
    expect(findNetwork(...namespaceCommand("machine", folder, thisMachine))).toEqual(findNetwork()));

  it.each(["SIGINT", "SIGKILL"] as const)("ends with its processes if vitest gets %s", async (signal) => {
    const argument = `5${process.pid}`;
    const vitest = runFiles(
      `spawn("sleep", ["${argument}"], { detached: true, stdio: "ignore" }); say("up"); await sleep(60_000);`,
    );
    await until(() => read("log") !== "", "the test to run");
    expect(processesWith(argument)).toHaveLength(1);
    vitest.kill(signal);
    await vitest.ended;
    await until(() => processesWith(argument).length === 0, "the process to end");
  });
});

it("each lane has the network that its tests expect", async () => {
  const { default: config } = await import(new URL("../../vitest.config.ts", import.meta.url).href);
  const projects: readonly { test: { name: string; pool: string | { name: string } } }[] = config.test.projects;
  const networks = projects.map(({ test: { name, pool } }) => [name, typeof pool === "string" ? pool : pool.name]);
  // Chromium needs to be online. npm and Nix need the machine's network to fetch.
  expect(Object.fromEntries(networks)).toEqual({
    ...{ unit: "own-namespaces-loopback", e2e: "own-namespaces-loopback", "newest-caddy": "own-namespaces-loopback" },
    browser: "own-namespaces-online",
    ...{ drift: "own-namespaces-machine", flake: "own-namespaces-machine", eval: "own-namespaces-machine" },
    ...{ vm: "own-namespaces-machine", "newest-nix": "own-namespaces-machine" },
    // Nodes make namespaces of their own.
    ...{ systemd: "forks", "newest-systemd": "forks" },
  });
});

it.each([
  { who: "root", isRoot: true, needsRoot: false, succeeds: true, has: true },
  { who: "root without the right to make namespaces", isRoot: true, needsRoot: true, succeeds: false, has: false },
  { who: "another user, for a project that needs root", isRoot: false, needsRoot: true, succeeds: true, has: true },
  // In the namespaces this user would be root, and the tests are about other users.
  {
    who: "another user, for a project that does not need root",
    isRoot: false,
    needsRoot: false,
    succeeds: true,
    has: false,
  },
])("tests have namespaces of their own for $who: $has", ({ isRoot, needsRoot, succeeds, has }) =>
  expect(hasNamespaces("loopback", needsRoot, { isRoot, succeeds: () => succeeds })).toBe(has),
);
