import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Part } from "../../src/local/part.ts";
import { commandsInBlocks } from "../lib/command-lines.ts";
import { needs } from "../lib/needs.ts";
import type { Machine } from "../lib/process/machine.ts";
import { bootstrap, startHost, startServer } from "../lib/site/vm-stage.ts";

// The command lines of docs/backup-and-upgrade.md, as they stand there, on a host of its own with the real Owncast.
const page = readFileSync("docs/backup-and-upgrade.md", "utf8");
const section = (title: string) => commandsInBlocks(page.split(`## ${title}\n`)[1]?.split("\n## ")[0] ?? "");
const sqlite = needs(spawnSync("sqlite3", ["--version"]).status === 0, "sqlite3 → apt-get install sqlite3");

let host: Machine;
let server: Part | undefined;
beforeAll(async () => {
  host = await startHost();
  await start();
});
afterAll(() => host?.stop());

/** What systemd does on `systemctl start owncast-main`. */
async function start(): Promise<void> {
  await bootstrap(host);
  server = await startServer(host);
}
async function stop(): Promise<void> {
  await server?.stop();
  server = undefined;
}

/** Runs a command of the page. Only what this host has not is put otherwise: systemd, root's home, the stage's user. */
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

test("a copy that is made while it runs holds what was just written", sqlite, async () => {
  const copies = section("Backup").filter((line) => line.startsWith("sqlite3 "));
  expect(copies).toHaveLength(1);
  await write("before the copy");
  for (const line of copies) await runAsWritten(line);
  await write("after the copy");
  // The copy did the original no harm: what was written since survives a restart.
  await stop();
  await start();
  expect(await summary()).toBe("after the copy");
});

test("restored, it is there again, under the password of today", sqlite, async () => {
  const lines = section("Restore");
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) await runAsWritten(line);
  expect(await summary()).toBe("before the copy");
  expect(await host.succeed("lectern plan main")).toContain("no changes");
});

describe("an archive that is made with the server stopped", () => {
  test("brings everything back on a host that has nothing", async () => {
    await write("in the archive");
    const lines = section("Backup").filter((line) => !/^(sqlite3|scp) /.test(line));
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["systemctl", "tar", "systemctl"]);
    await host.succeed("mkdir -p /var/lib/lectern-secrets/main");
    for (const line of lines) await runAsWritten(line);
    await stop();
    await host.succeed("rm -r /var/lib/lectern/main");
    const [, unpack = ""] = /`(tar -C \/ -xzf main\.tar\.gz)`/.exec(page) ?? [];
    await host.succeed(unpack.replace("main.tar.gz", "/var/lib/main.tar.gz"));
    await start();
    expect(await summary()).toBe("in the archive");
  });
});
