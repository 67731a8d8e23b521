import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Part } from "../../src/local/part.ts";
import { commandsInBlocks } from "../lib/command-lines.ts";
import { needs } from "../lib/needs.ts";
import type { Machine } from "../lib/process/machine.ts";
import { bootstrap, startHost, startServer } from "../lib/site/vm-stage.ts";

// Runs the command lines of docs/backup-and-upgrade.md on a host of its own with the real Owncast.
const page = readFileSync("docs/backup-and-upgrade.md", "utf8");
const section = (title: string) => commandsInBlocks(page.split(`## ${title}\n`)[1]?.split("\n## ")[0] ?? "");
const hasSqlite = spawnSync("sqlite3", ["--version"]).status === 0;

let host: Machine;
let server: Part | undefined;
beforeAll(async () => {
  host = await startHost();
  await start();
});
afterAll(() => host?.stop());

/** Like `systemctl start owncast-main`. */
async function start(): Promise<void> {
  await bootstrap(host);
  server = await startServer(host);
}
async function stop(): Promise<void> {
  await server?.stop();
  server = undefined;
}

/** Runs a command of the page. This host has no systemd, /root or user for the stage: it replaces these in the command. */
async function runAsWritten(line: string): Promise<void> {
  if (line === "systemctl stop owncast-main") return stop();
  if (line === "systemctl start owncast-main") return start();
  await host.succeed(line.replaceAll("/root/", "/var/lib/").replaceAll("lectern-main", "root"));
}

const password = "the-admin-password-of-the-checks";
const ask = (path: string, body = "") =>
  host.succeed(
    `curl -fsS -m 20 -u admin:${password} ${body && `-d '${body}'`} http://127.0.0.1:8080/api/admin/${path}`,
  );
const summary = async (): Promise<string> => JSON.parse(await ask("serverconfig")).instanceDetails.summary;
// A setting that the stage does not declare: only a backup can bring it back.
const write = (text: string) => ask("config/serversummary", JSON.stringify({ value: text }));

const copies = section("Backup").filter((line) => line.startsWith("sqlite3 "));
const archive = section("Backup").filter((line) => !/^(sqlite3|scp) /.test(line));
const sqlite = needs(hasSqlite, "sqlite3 → apt-get install -y --no-install-recommends sqlite3");

test("a copy from a running Owncast holds the latest write", sqlite, async () => {
  expect(copies).toHaveLength(1);
  await write("before the copy");
  for (const line of copies) await runAsWritten(line);
  await write("after the copy");
});

test("an archive from a stopped server restores all on an empty host", async () => {
  if (!hasSqlite) await write("after the copy");
  expect(archive.map((line) => line.split(" ")[0])).toEqual(["systemctl", "tar", "systemctl"]);
  await host.succeed("mkdir -p /var/lib/lectern-secrets/main");
  for (const line of archive) await runAsWritten(line);
  // The copy did not harm the original: a later write survived the restart.
  expect(await summary()).toBe("after the copy");
  await stop();
  await host.succeed("rm -r /var/lib/lectern/main");
  const [, unpack = ""] = /`(tar -C \/ -xzf main\.tar\.gz)`/.exec(page) ?? [];
  await host.succeed(unpack.replace("main.tar.gz", "/var/lib/main.tar.gz"));
  await start();
  expect(await summary()).toBe("after the copy");
});

test("a restored copy is the stage again, with the present password", sqlite, async () => {
  const lines = section("Restore");
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) await runAsWritten(line);
  expect(await summary()).toBe("before the copy");
  expect(await host.succeed("lectern plan main")).toContain("no changes");
});
