import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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

test("the first version is recorded, and nothing is copied", async () => {
  expect(await keepDatabaseFor("0.2.4", state)).toBeUndefined();
  write("data/owncast.db", "old");
  expect(await keepDatabaseFor("0.2.4", state)).toBeUndefined();
  expect(has("snapshots")).toBe(false);
});

test("a newer version finds the database unchanged, and a copy is kept together with its log", async () => {
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old");
  write("data/owncast.db-wal", "and its log");
  expect(await keepDatabaseFor("0.2.10", state)).toContain("Owncast 0.2.4 was replaced by 0.2.10");
  expect(read("data/owncast.db")).toBe("old");
  expect(read("snapshots/0.2.4/owncast.db")).toBe("old");
  expect(read("snapshots/0.2.4/owncast.db-wal")).toBe("and its log");
});

test("an older version gets its own database back without the newer log, and the newer database is kept", async () => {
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old");
  await keepDatabaseFor("0.2.10", state);
  write("data/owncast.db", "new");
  write("data/owncast.db-wal", "new log");
  write("data/owncast.db-shm", "new memory");
  expect(await keepDatabaseFor("0.2.4", state)).toContain("Owncast 0.2.4 runs again");
  expect(read("data/owncast.db")).toBe("old");
  expect(has("data/owncast.db-wal") || has("data/owncast.db-shm")).toBe(false);
  expect(read("snapshots/0.2.10/owncast.db")).toBe("new");
  expect(await keepDatabaseFor("0.2.4", state)).toBeUndefined();
});

test("a newer version uses the present database, even if an earlier database of its own was kept", async () => {
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old");
  await keepDatabaseFor("0.2.10", state);
  write("data/owncast.db", "new");
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old, later");
  await keepDatabaseFor("0.2.10", state);
  expect(read("data/owncast.db")).toBe("old, later");
});

test("the next call completes an interrupted restore, and damages no copy", async () => {
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old");
  await keepDatabaseFor("0.2.10", state);
  write("data/owncast.db", "new");
  // The state after a crash: the newer database is kept, and the older one is not yet restored.
  mkdirSync(join(state, "snapshots/0.2.10"));
  write("snapshots/0.2.10/owncast.db", "new");
  renameSync(join(state, "snapshots/0.2.4"), join(state, "restoring-0.2.4"));
  write("data/owncast.db", "half");
  await keepDatabaseFor("0.2.4", state);
  expect(read("data/owncast.db")).toBe("old");
  expect(read("snapshots/0.2.10/owncast.db")).toBe("new");
  expect(has("restoring-0.2.4")).toBe(false);
});

/** All kept copies, by their folders' names. */
const copies = () =>
  Object.fromEntries(
    readdirSync(join(state, "snapshots")).map((name) => [name, read(`snapshots/${name}/owncast.db`)] as const),
  );

/** A stage that was upgraded from 0.2.4 to 0.2.10, with a damaged version record. */
async function upgraded(spoil: (record: string) => void): Promise<void> {
  await keepDatabaseFor("0.2.4", state);
  write("data/owncast.db", "old");
  await keepDatabaseFor("0.2.10", state);
  write("data/owncast.db", "new");
  spoil(join(state, "owncast-version"));
}

test.each<{ what: string; spoil: (record: string) => void }>([
  { what: "empty", spoil: (record) => writeFileSync(record, "") },
  { what: "a line end", spoil: (record) => writeFileSync(record, "\n") },
  { what: "garbage", spoil: (record) => writeFileSync(record, Buffer.alloc(4096, 0)) },
  { what: "a path out of the folder", spoil: (record) => writeFileSync(record, "../../elsewhere\n") },
  { what: "missing", spoil: (record) => rmSync(record) },
])("if the version record is $what, no copy is lost and the database is copied again", async ({ spoil }) => {
  await upgraded(spoil);
  expect(await keepDatabaseFor("0.2.10", state)).toContain("it is not known which Owncast ran here before 0.2.10");
  expect(copies()).toEqual({ "0.2.4": "old", "before-0.2.10-1": "new" });
  expect(read("owncast-version")).toBe("0.2.10\n");
  expect(await keepDatabaseFor("0.2.10", state)).toBeUndefined();
});

test("the three newest copies of unknown versions are kept, and all copies of known ones", async () => {
  await upgraded(() => {});
  for (let time = 1; time <= 12; time++) {
    write("data/owncast.db", `new ${time}`);
    write("owncast-version", "");
    await keepDatabaseFor("0.2.10", state);
  }
  const newest = [10, 11, 12].map((time) => [`before-0.2.10-${time}`, `new ${time}`]);
  expect(copies()).toEqual({ "0.2.4": "old", ...Object.fromEntries(newest) });
});

test("an invalid version is refused before anything is changed", async () => {
  for (const version of ["", "../x", "a b", ".", "0.2.4\n"])
    await expect(keepDatabaseFor(version, state)).rejects.toMatchObject({ exitCode: 64 });
});

test("a copy without a database never replaces the present database", async () => {
  await upgraded(() => {});
  rmSync(join(state, "snapshots/0.2.4/owncast.db"));
  mkdirSync(join(state, "restoring-0.2.3"));
  await keepDatabaseFor("0.2.4", state);
  expect(read("data/owncast.db")).toBe("new");
  expect(read("snapshots/0.2.10/owncast.db")).toBe("new");
});

test("an interrupted restore is completed before another version is handled", async () => {
  await upgraded(() => {});
  mkdirSync(join(state, "snapshots/0.2.10"));
  write("snapshots/0.2.10/owncast.db", "new");
  renameSync(join(state, "snapshots/0.2.4"), join(state, "restoring-0.2.4"));
  // The state after a power cut: the newer database is removed, and the older one is not yet restored.
  rmSync(join(state, "data/owncast.db"));
  write("data/owncast.db", "");
  await keepDatabaseFor("0.2.10", state);
  expect([read("data/owncast.db"), has("restoring-0.2.4")]).toEqual(["old", false]);
});
