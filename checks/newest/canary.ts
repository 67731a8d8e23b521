// A program of its own: runs Debian forky's programs without Lectern. If this fails, a test with Lectern would prove nothing.
// canary.ts PROJECT: exit 0, or 1 with the reason on standard error.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { libCommand } from "../../tools/lanes/lanes.mjs";
import { runNix } from "../lib/nix/nix.ts";
import { named } from "../lib/systemd/from-set-up.ts";
import { startNode } from "../lib/systemd/node.ts";
import { answerOf } from "../lib/systemd/node-command.ts";

const patienceMs = 150_000;

const canaries: Readonly<Record<string, () => Promise<void>>> = {
  "newest-caddy": caddyRuns,
  "newest-nix": nixEvaluatesAFlake,
  "newest-systemd": systemdStartsAUnit,
};

async function caddyRuns(): Promise<void> {
  const { code, stdout, stderr } = await answerOf([named("NEWEST_CADDY"), "version"]);
  if (code !== 0) throw new Error(`caddy version: ended with ${code}: ${stdout}${stderr}`);
}

async function nixEvaluatesAFlake(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-canary-"));
  const environment = {
    PATH: [named("NEWEST_PROGRAMS"), process.env.PATH].join(delimiter),
    XDG_CACHE_HOME: join(folder, "cache"),
  };
  try {
    const flake = join(folder, "flake");
    mkdirSync(flake);
    writeFileSync(join(flake, "flake.nix"), "{ outputs = _: { answer = 42; }; }\n");
    const flags = ["--offline", "--store", join(folder, "store"), "--no-write-lock-file"];
    const answer = await runNix("nix", ["eval", "--json", `path:${flake}#answer`, ...flags], environment);
    if (answer.trim() !== "42") throw new Error(`nix eval: gave ${answer}`);
    const lib = ["--store", "dummy://", "--eval", "--expr", "<nixpkgs/lib>"];
    await runNix("nix-instantiate", lib, environment).catch(() => {
      throw new Error(`Nix does not find <nixpkgs/lib>, by which flakes are evaluated here → ${libCommand}`);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function systemdStartsAUnit(): Promise<void> {
  const files = mkdtempSync(join(tmpdir(), "lectern-canary-"));
  const unit = "etc/systemd/system/canary.service";
  mkdirSync(join(files, "etc/systemd/system"), { recursive: true });
  writeFileSync(join(files, unit), "[Service]\nType=oneshot\nRemainAfterExit=true\nExecStart=/bin/true\n");
  const node = await startNode({ lower: named("ROOTFS_FORKY"), files, binds: [] });
  try {
    await node.succeed("systemctl", "start", "canary.service");
    await node.succeed("systemctl", "is-active", "canary.service");
  } finally {
    await node.stop();
  }
}

async function inTime(work: Promise<void>): Promise<void> {
  const late = sleep(patienceMs, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${patienceMs / 1000} s`);
  });
  await Promise.race([work, late]);
}

const canary = canaries[process.argv[2] ?? ""];
if (!canary) throw new Error(`no such canary: ${process.argv[2]}`);
inTime(canary()).then(
  () => process.exit(0),
  (error: Error & { stderr?: string }) => {
    process.stderr.write(`${error.stderr ?? error.message}\n`);
    process.exit(1);
  },
);
