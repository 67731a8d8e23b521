import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeTestHost } from "../../checks/lib/process/installed-host.ts";
import { expandStage } from "../../codegen/schema/stage/stage.ts";
import { readStages } from "./installed-stages.ts";
import { secretRows, secretTable } from "./secret-rows.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-host-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("a table lists each secret and token with its path, its owner and whether it exists, and never its value", async () => {
  const tokens = { list: [{ name: "title", scopes: ["admin" as const] }] };
  const stage = {
    access: { streamKeys: [{ secret: "key-a" }, { secret: "key-b" }] },
    integrations: { accessTokens: tokens },
  };
  const secrets = { "admin-password": "canary-password", "key-a": "canary-key" };
  const host = writeTestHost(folder, { stage, secrets });
  chmodSync(host.secretFile("key-a"), 0o644);
  mkdirSync(join(host.stateDir, "tokens"));
  writeFileSync(join(host.stateDir, "tokens/title"), "canary-token\n", { mode: 0o600 });
  const [main] = await readStages(host.file);
  const rows = await secretRows(main!, expandStage(stage));
  expect(rows).toEqual([
    {
      name: "admin-password",
      file: host.secretFile("admin-password"),
      origin: "given",
      state: "present",
      mode: "0600",
    },
    { name: "key-a", file: host.secretFile("key-a"), origin: "generated", state: "present", mode: "0644" },
    { name: "key-b", file: null, origin: "given", state: "missing", mode: null },
    { name: "title", file: join(host.stateDir, "tokens/title"), origin: "token", state: "present", mode: "0600" },
  ]);
  const table = secretTable(rows).split("\n");
  expect(table[0]).toMatch(/^name +file +origin +state +mode$/);
  expect(table[1]).toMatch(/^admin-password +\/\S+ +given +present +0600$/);
  expect(table[3]).toMatch(/^key-b +no file is named for it +given +missing$/);
  expect(table[4]).toMatch(/^title +\/\S+ +made by Owncast +present +0600$/);
  expect(JSON.stringify(rows) + table.join()).not.toContain("canary");
});
