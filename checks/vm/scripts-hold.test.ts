import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/program.ts";
import { lecternArguments } from "../lib/command-lines.ts";
import { needs } from "../lib/needs.ts";
import { makeSandbox, type Sandbox } from "../lib/nix/sandbox.ts";

const run = promisify(execFile);
const folder = "checks/vm";
const claims = readdirSync(folder)
  .filter((name) => name.endsWith(".nix"))
  .map((name) => basename(name, ".nix"));
const commands: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(folder, "commands.json"), "utf8"));

/** An evaluated VM test: its script, the names of its machines, and the scripts of its machines' own units. */
interface Evaluated {
  readonly testScript: string;
  readonly machines: readonly string[];
  readonly unitScripts: readonly string[];
}

const essentials = `test: {
  inherit (test) testScript;
  machines = builtins.attrNames test.nodes;
  unitScripts = builtins.filter builtins.isString (builtins.concatMap
    (node: map (unit: unit.script) (builtins.attrValues node.systemd.services))
    (builtins.attrValues test.nodes));
}`;

let sandbox: Sandbox;
let scratch: string;
const tests = new Map<string, Evaluated>();
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lectern-vm-"));
  sandbox = await makeSandbox();
  for (const claim of claims) {
    const evaluated = await sandbox.nix(["eval", "--json"], `checks.x86_64-linux.${claim}`, ["--apply", essentials]);
    tests.set(claim, JSON.parse(evaluated));
  }
});
afterAll(async () => {
  await sandbox?.remove();
  if (scratch) rmSync(scratch, { recursive: true });
});
const evaluated = (claim: string): Evaluated => {
  const found = tests.get(claim);
  if (!found) throw new Error(`${claim} was not evaluated`);
  return found;
};

const python = process.env.CHECKS_PYTHON ?? "python3";
const globals = ["start_all", "join_all", "subtest"];

/** A checker's complaints about a script for machines with these names; empty if there are none. */
async function complaints(checker: "mypy" | "pyflakes", { testScript, machines }: Evaluated): Promise<string> {
  // Like nixpkgs: mypy gets the machines' types first, and pyflakes gets the bare script and the names of the driver.
  const types = [
    `from driver import QemuMachine, ${globals.join(", ")}`,
    ...machines.map((name) => `${name}: QemuMachine`),
  ];
  const file = join(scratch, "script.py");
  writeFileSync(file, checker === "mypy" ? `${types.join("\n")}\n${testScript}` : testScript);
  const env = { ...process.env, MYPYPATH: join(folder, "lib"), PYFLAKES_BUILTINS: [...machines, ...globals].join(",") };
  const flags = checker === "mypy" ? ["--strict", "--no-error-summary", "--cache-dir", join(scratch, "mypy")] : [];
  return run(python, ["-m", checker, ...flags, file], { env }).then(
    ({ stdout, stderr }) => stdout + stderr,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  );
}

describe.each(claims)("%s", (claim) => {
  test("its Python passes pyflakes", async () => {
    expect(await complaints("pyflakes", evaluated(claim))).toBe("");
  });

  test("its Python passes mypy with the types of nixpkgs' test driver", async () => {
    expect(await complaints("mypy", evaluated(claim))).toBe("");
  });

  test("its script has at most 20 lines, and waits for units instead of a fixed time", () => {
    const { testScript } = evaluated(claim);
    expect(testScript.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
    expect(testScript).toContain("wait_for_unit");
    expect(testScript).not.toMatch(/\bsleep\b/);
    expect(testScript).toContain("with subtest(");
  });

  test("the end-to-end tests run each lectern command line in it, and Lectern accepts it", async () => {
    const { testScript, unitScripts } = evaluated(claim);
    // A command line is a Python string. In units it is a line of shell.
    const strings = [...testScript.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text);
    const found = [...strings, ...unitScripts.flatMap((script) => script.split("\n"))].flatMap(lecternArguments);
    expect(found).not.toEqual([]);
    expect(testScript.match(/\blectern /g)?.length).toBe(strings.flatMap(lecternArguments).length);
    const known = Object.values(commands).flatMap(lecternArguments);
    for (const args of found) {
      expect(known).toContainEqual(args);
      expect(await parseCommandLine(args)).toBeDefined();
    }
  });
});

test("every listed command line is used", () => {
  const texts = [...tests.values()].flatMap(({ testScript, unitScripts }) => [testScript, ...unitScripts]);
  expect(Object.values(commands).filter((line) => !texts.some((text) => text.includes(line)))).toEqual([]);
});

describe("a fault in a script is found,", () => {
  const machines = ["server"];
  test.each([
    ["a method that the driver does not have", 'server.wait_for_service("x")', 'no attribute "wait_for_service"'],
    ["an argument of the wrong type", 'server.wait_for_open_port("8080")', 'incompatible type "str"; expected "int"'],
    ["an argument that does not exist", 'server.succeed("x", retries=3)', 'Unexpected keyword argument "retries"'],
    ["a result compared with a wrong type", 'assert server.execute("x") == 0', "Non-overlapping equality check"],
  ])("by mypy: %s", async (_, testScript, says) => {
    expect(await complaints("mypy", { testScript, machines, unitScripts: [] })).toContain(says);
  });

  test.each([
    ["a machine that does not exist", 'sever.succeed("x")', "undefined name 'sever'"],
    ["a format string without a placeholder", 'server.succeed(f"x")', "f-string is missing placeholders"],
  ])("by pyflakes: %s", async (_, testScript, says) => {
    expect(await complaints("pyflakes", { testScript, machines, unitScripts: [] })).toContain(says);
  });
});

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

test("viewers accept the machines' certificates", needs(hasOpenssl, "openssl → apt-get install openssl"), async () => {
  const made = mkdtempSync(join(scratch, "certificates-"));
  await run("sh", [join(process.cwd(), folder, "lib/make-certificates.sh"), made], { cwd: made });
  for (const name of ["live.test", "two.test", "authority.test"]) {
    const verify = ["verify", "-CAfile", "ca.crt", "-verify_hostname", name, "certificate.pem"];
    expect((await run("openssl", verify, { cwd: made })).stdout).toBe("certificate.pem: OK\n");
  }
});
