import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepDatabaseFor } from "./snapshot.ts";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "lectern-snapshot-"));
  mkdirSync(join(state, "data"));
});
afterEach(() => rmSync(state, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(state, name), text);
const read = (name: string) => readFileSync(join(state, name), "utf8");
const has = (name: string) => existsSync(join(state, name));

test("the first version that runs here is noted, and nothing is copied", async () => {
  expect(await keepDatabaseFor("0.2.4", state)).toBeUndefined();
  write("data/owncast.db", "old");
  expect(await keepDatabaseFor("0.2.4", state)).toBeUndefined();
  expect(has("snapshots")).toBe(false);
});

test("another version finds the database as it is, and a copy is kept, log and all", async () => {
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old");
  write("data/owncast.db-wal", "and its log");
  expect(await keepDatabaseFor("0.2.10", state)).toContain("Owncast 0.2.4 became 0.2.10");
  expect(read("data/owncast.db")).toBe("old");
  expect(read("snapshots/0.2.4/owncast.db")).toBe("old");
  expect(read("snapshots/0.2.4/owncast.db-wal")).toBe("and its log");
});

test("an older version gets back what it left, without the newer one's log, and the newer database is kept", async () => {
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old");
  await keepDatabaseFor("0.2.10", state);
  write("data/owncast.db", "new");
  write("data/owncast.db-wal", "new log");
  write("data/owncast.db-shm", "new memory");
  expect(await keepDatabaseFor("0.2.4", state)).toContain("Owncast 0.2.4 is back");
  expect(read("data/owncast.db")).toBe("old");
  expect(has("data/owncast.db-wal") || has("data/owncast.db-shm")).toBe(false);
  expect(read("snapshots/0.2.10/owncast.db")).toBe("new");
  expect(await keepDatabaseFor("0.2.4", state)).toBeUndefined();
});

test("a newer version takes the present database along, also where an earlier one of its own was kept", async () => {
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old");
  await keepDatabaseFor("0.2.10", state);
  write("data/owncast.db", "new");
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old, later");
  await keepDatabaseFor("0.2.10", state);
  expect(read("data/owncast.db")).toBe("old, later");
});

test("a restore that was interrupted is ended by the next call, and spoils no copy", async () => {
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old");
  await keepDatabaseFor("0.2.10", state);
  write("data/owncast.db", "new");
  // As a crash leaves it: the newer one is kept, the older one is on its way and not there yet.
  mkdirSync(join(state, "snapshots/0.2.10"));
  write("snapshots/0.2.10/owncast.db", "new");
  renameSync(join(state, "snapshots/0.2.4"), join(state, "restoring-0.2.4"));
  write("data/owncast.db", "half");
  await keepDatabaseFor("0.2.4", state);
  expect(read("data/owncast.db")).toBe("old");
  expect(read("snapshots/0.2.10/owncast.db")).toBe("new");
  expect(has("restoring-0.2.4")).toBe(false);
});
