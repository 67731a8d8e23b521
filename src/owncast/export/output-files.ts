import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Assets } from "../../../codegen/schema/core/asset.ts";
import { endingSignals } from "../../lib/ending-signals.mjs";
import { codeOf, fileFault } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { schemaPlace } from "./stage-text.ts";

/** A file's place and bytes. */
interface Piece {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The folder of a stage file's pictures, beside it. Has the file's name, as far as a stage file may hold that name. */
export function pictureFolder(output: string): string {
  const name = basename(output, extname(output)).replace(/[^A-Za-z0-9._-]/g, "-");
  return /^[A-Za-z0-9_]/.test(name) && name.length <= 60 ? name : "pictures";
}

/** The path of the schema for editors from a stage file; undefined if no folder around the file holds one. */
export function schemaFor(output: string): string | undefined {
  const folder = dirname(resolve(output));
  for (let around = folder; ; around = dirname(around)) {
    if (existsSync(join(around, schemaPlace))) return relative(folder, join(around, schemaPlace));
    if (around === dirname(around)) return undefined;
  }
}

/** Makes sure, before the server is asked, that the file can be written. Throws CliError 64, or 1 if the file exists. */
export function ensureWritable(output: string, force: boolean): void {
  if (![".yaml", ".yml"].includes(extname(output)))
    throw new CliError(ExitCode.usage, `--output ${output}: expected a name with the extension .yaml`);
  if (!statSync(dirname(resolve(output)), { throwIfNoEntry: false })?.isDirectory())
    throw new CliError(ExitCode.failed, `${output}: its folder does not exist`, "make the folder first");
  const present = lstatSync(output, { throwIfNoEntry: false });
  if (present?.isDirectory()) throw new CliError(ExitCode.failed, `${output}: is a folder`, "name a file");
  if (present && !force) throw isThere(output);
}

/**
 * Writes a stage file and its pictures: all or none, each whole, the stage file last. A signal waits until it is done.
 * Throws CliError 1, with nothing changed, if a file cannot be written, or has other bytes already and `force` is not set.
 */
export async function writeStage(output: string, text: string, assets: Assets, force: boolean): Promise<void> {
  const folder = dirname(output);
  const pictures = [...assets].map(([path, bytes]): Piece => ({ path: join(folder, path), bytes }));
  await undisturbed(() => {
    const taken = pictures.find(({ path, bytes }) => !force && existsSync(path) && !readFileSync(path).equals(bytes));
    if (taken) throw isThere(taken.path);
    put(folder, pictures, { path: output, bytes: Buffer.from(text) }, force);
  }).catch((error: unknown) => {
    if (error instanceof CliError) throw error;
    const { syscall, path = output } = (error ?? {}) as { syscall?: string; path?: string };
    if (codeOf(error) === "EEXIST") throw isThere(syscall === "link" ? output : path);
    throw new CliError(
      ExitCode.failed,
      `${path}: cannot be written (${fileFault(error)})`,
      "name another file with --output",
    );
  });
}

/** Writes drafts beside the place, then moves them there. Removes the moved ones if a later one fails. */
function put(folder: string, pictures: readonly Piece[], stage: Piece, force: boolean): void {
  const draft = mkdtempSync(join(folder, ".lectern-export-"));
  const placed: string[] = [];
  try {
    const drafts = [...pictures, stage].map(({ path, bytes }, index) => {
      const file = join(draft, String(index));
      writeFileSync(file, bytes);
      syncToDisk(file);
      return { path, file };
    });
    for (const { path, file } of drafts) {
      const isNew = !existsSync(path);
      const made = mkdirSync(dirname(path), { recursive: true });
      if (made !== undefined) placed.push(made);
      // Unlike a rename, a link never replaces a file that appeared meanwhile.
      if (isNew || (!force && path === stage.path)) linkSync(file, path);
      else renameSync(file, path);
      if (isNew) placed.push(path);
      syncToDisk(dirname(path));
    }
  } catch (error) {
    for (const path of placed.reverse()) rmSync(path, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Waits until a file's bytes, or a folder's list, are on the disk. */
function syncToDisk(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Does work without a pause. A signal that arrives meanwhile takes effect afterwards. */
async function undisturbed(work: () => void): Promise<void> {
  const caught: NodeJS.Signals[] = [];
  const hold = (signal: NodeJS.Signals) => caught.push(signal);
  for (const signal of endingSignals) process.on(signal, hold);
  try {
    work();
    // Node delivers a signal between two turns of the event loop.
    await setImmediate();
    await setImmediate();
  } finally {
    for (const signal of endingSignals) process.off(signal, hold);
    if (caught[0]) process.kill(process.pid, caught[0]);
  }
}

const isThere = (path: string): CliError =>
  new CliError(
    ExitCode.failed,
    `${path}: exists already; nothing was written`,
    "name another file, or replace it with --force",
  );
