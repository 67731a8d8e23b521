import { lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, fileFault } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { syncFolder, writeWhole } from "../../lib/whole-file.ts";
import { copyDatabase, holdsDatabase, moveDatabase } from "./database.ts";

/** A version that can be the name of a folder. */
const versionForm = /^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$/;

/**
 * Makes sure that this version of Owncast can open the database. Owncast upgrades the database of an older version and
 * refuses that of a newer one. If another version ran here last, the database is copied to
 * `<stateDir>/snapshots/<last version>`. An older version than the last gets back the copy from when it ran last. If the
 * last version is not known, the database is copied to `<stateDir>/snapshots/before-<version>-<n>`. Nobody may have the
 * database open. If this is interrupted, the next call completes it: nothing is removed before its copy is whole and on the
 * disk. Resolves to a sentence for people if something was done. Throws CliError: 64 for a bad version, 1 if the copy
 * failed; then nothing has changed.
 */
export async function keepDatabaseFor(version: string, stateDir: string): Promise<string | undefined> {
  if (!versionForm.test(version))
    throw new CliError(ExitCode.usage, `--owncast-version ${version}: expected a version such as 0.2.4`);
  try {
    return await keep(version, stateDir);
  } catch (error) {
    if (error instanceof CliError || codeOf(error) === "") throw error;
    const { path = stateDir } = error as { path?: string };
    throw new CliError(
      ExitCode.failed,
      `${path}: cannot copy the database before Owncast ${version} uses it (${fileFault(error)})`,
      `nothing was changed; free some disk space, and make the stage's user the owner of ${stateDir} and everything in it; bootstrap then continues by itself`,
    );
  }
}

async function keep(version: string, stateDir: string): Promise<string | undefined> {
  const interrupted = await interruptedRestore(stateDir);
  const restored = interrupted === undefined ? undefined : await restore(interrupted, stateDir);
  const last = await readRecord(stateDir);
  if (last === version) return restored;
  if (!(await holdsDatabase(join(stateDir, "data")))) {
    await record(version, stateDir);
    return undefined;
  }
  if (last === undefined) return keepUnknown(version, stateDir);
  await snapshot(last, stateDir);
  const kept = join(stateDir, "snapshots", version);
  if (isOlder(version, last) && (await holdsDatabase(kept))) {
    await rename(kept, restoringOf(version, stateDir));
    await syncFolder(stateDir);
    return restore(version, stateDir);
  }
  await record(version, stateDir);
  return `Owncast ${last} was replaced by ${version}: a copy of the old database is in ${join(stateDir, "snapshots", last)}`;
}

const restoringOf = (version: string, stateDir: string): string => join(stateDir, `restoring-${version}`);

/** The version whose copy was being restored when something interrupted that. */
async function interruptedRestore(stateDir: string): Promise<string | undefined> {
  const names = await readdir(stateDir).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw error;
    return [];
  });
  const versions = names.flatMap((name) => /^restoring-(.+)$/.exec(name)?.[1] ?? []);
  for (const version of versions) if (await holdsDatabase(restoringOf(version, stateDir))) return version;
  return undefined;
}

const mostUnknown = 3;

/** Nobody knows which version used the database last: one copy too many is better than one too few. */
async function keepUnknown(version: string, stateDir: string): Promise<string> {
  const folder = await snapshotFolder(stateDir);
  const numberOf = (name: string): number => Number(/^before-.+-(\d{1,9})$/.exec(name)?.[1] ?? 0);
  const numbered = (await readdir(folder)).filter((name) => numberOf(name) > 0);
  const before = numbered.sort((one, other) => numberOf(one) - numberOf(other));
  const name = `before-${version}-${numberOf(before.at(-1) ?? "") + 1}`;
  await snapshot(name, stateDir);
  // Keeps the newest, and all copies that have a version as their name.
  for (const old of [...before, name].slice(0, -mostUnknown)) await rm(join(folder, old), { recursive: true });
  await record(version, stateDir);
  return `it is not known which Owncast ran here before ${version}: a copy of the database is in ${join(folder, name)}; if ${version} refuses the database, copies of earlier versions are beside that copy`;
}

/** Makes the folder of copies, if it is missing. Throws CliError if something else has its name. */
async function snapshotFolder(stateDir: string): Promise<string> {
  const folder = join(stateDir, "snapshots");
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    // Not a folder, or a broken link: see below.
    if (!["EEXIST", "ENOENT"].includes(codeOf(error))) throw error;
  });
  if ((await stat(folder).catch(() => undefined))?.isDirectory()) return folder;
  throw new CliError(ExitCode.failed, `${folder}: is not a folder`, "move it away: copies of the database go there");
}

/** Copies the database. An older copy of that name stays until the new one is whole and on the disk. */
async function snapshot(name: string, stateDir: string): Promise<void> {
  const folder = await snapshotFolder(stateDir);
  const [target, unfinished, replaced] = ["", ".unfinished", ".replaced"].map((end) => join(folder, name + end)) as [
    string,
    string,
    string,
  ];
  await rm(unfinished, { recursive: true, force: true });
  try {
    await copyDatabase(join(stateDir, "data"), unfinished);
  } catch (error) {
    // The disk may be full because of it.
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  if (await lstat(target).catch(() => undefined)) {
    await rm(replaced, { recursive: true, force: true });
    await rename(target, replaced);
  }
  await rename(unfinished, target);
  await syncFolder(folder);
  await rm(replaced, { recursive: true, force: true });
}

/** Replaces the database by a copy. Removes the copy last, so that an interrupted call can be done again. */
async function restore(version: string, stateDir: string): Promise<string> {
  const from = restoringOf(version, stateDir);
  const draft = join(stateDir, `restored-${version}.unfinished`);
  await rm(draft, { recursive: true, force: true });
  await copyDatabase(from, draft);
  await moveDatabase(draft, join(stateDir, "data"));
  await record(version, stateDir);
  for (const folder of [draft, from]) await rm(folder, { recursive: true });
  return `Owncast ${version} runs again with the copy of its database; the newer database is in ${join(stateDir, "snapshots")}`;
}

const recordOf = (stateDir: string): string => join(stateDir, "owncast-version");

// Longer than any version.
const recordBytes = 100;

/** The version that ran here last; undefined if it is not known. Throws CliError if the record is not a plain file. */
async function readRecord(stateDir: string): Promise<string | undefined> {
  const file = recordOf(stateDir);
  const found = await lstat(file).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw error;
  });
  if (!found) return undefined;
  if (!found.isFile())
    throw new CliError(
      ExitCode.failed,
      `${file}: is not a plain file`,
      "move it away: it should hold the last version of Owncast; without it, the database is copied first",
    );
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(recordBytes), 0, recordBytes, 0);
    const version = buffer.toString("utf8", 0, bytesRead).trim();
    return versionForm.test(version) ? version : undefined;
  } finally {
    await handle.close();
  }
}

async function record(version: string, stateDir: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await writeWhole(recordOf(stateDir), `${version}\n`, { mode: 0o600 });
}

/** Whether one dotted version comes before another, number by number. */
function isOlder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => (version.match(/\d+/g) ?? []).map(Number));
  const at = [...(a ?? [])].findIndex((part, index) => part !== (b?.[index] ?? 0));
  return at === -1 ? (a?.length ?? 0) < (b?.length ?? 0) : (a?.[at] ?? 0) < (b?.[at] ?? 0);
}
