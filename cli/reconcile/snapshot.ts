import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The files of a database that nobody has open; what is in the second is not in the first yet. */
const databaseFiles = ["owncast.db", "owncast.db-wal"] as const;

/**
 * Keeps a database that Owncast's versions can live with: Owncast takes one of an older version along, and refuses one of a
 * newer. When the version is not the one that ran here last, the database is copied to `<stateDir>/snapshots/<last version>`;
 * an older version than the last gets back the one that was kept when it was left. Nobody may have the database open.
 * Whatever interrupts it, the next call ends it. Resolves to a sentence for people when something was done.
 */
export async function keepDatabaseFor(version: string, stateDir: string): Promise<string | undefined> {
  const restoring = join(stateDir, `restoring-${version}`);
  if (await exists(restoring)) return restore(restoring, version, stateDir);
  const last = await readFile(recordOf(stateDir), "utf8").then(
    (text) => text.trim(),
    () => undefined,
  );
  if (last === version) return undefined;
  const hasData = await stat(join(stateDir, "data/owncast.db")).then(
    ({ size }) => size > 0,
    () => false,
  );
  if (last === undefined || !hasData) {
    await record(version, stateDir);
    return undefined;
  }
  await snapshot(last, stateDir);
  const kept = join(stateDir, "snapshots", version);
  if (isOlder(version, last) && (await exists(kept))) {
    await rename(kept, restoring);
    return restore(restoring, version, stateDir);
  }
  await record(version, stateDir);
  return `Owncast ${last} became ${version}: its database as it was is kept in ${join(stateDir, "snapshots", last)}`;
}

async function snapshot(version: string, stateDir: string): Promise<void> {
  const target = join(stateDir, "snapshots", version);
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await copyDatabase(join(stateDir, "data"), unfinished);
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
}

async function restore(from: string, version: string, stateDir: string): Promise<string> {
  const data = join(stateDir, "data");
  for (const name of [...databaseFiles, "owncast.db-shm"]) await rm(join(data, name), { force: true });
  await copyDatabase(from, data);
  await record(version, stateDir);
  await rm(from, { recursive: true });
  return `Owncast ${version} is back: it got the database that was kept when it was left; the newer one is in ${join(stateDir, "snapshots")}`;
}

async function copyDatabase(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of databaseFiles)
    await copyFile(join(from, name), join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT" || name === "owncast.db") throw error;
    });
}

const recordOf = (stateDir: string): string => join(stateDir, "owncast-version");

async function record(version: string, stateDir: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const file = recordOf(stateDir);
  await writeFile(`${file}.new`, `${version}\n`);
  await rename(`${file}.new`, file);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Whether one dotted version comes before another, number by number. */
function isOlder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => (version.match(/\d+/g) ?? []).map(Number));
  const at = [...(a ?? [])].findIndex((part, index) => part !== (b?.[index] ?? 0));
  return at === -1 ? (a?.length ?? 0) < (b?.length ?? 0) : (a?.[at] ?? 0) < (b?.[at] ?? 0);
}
