import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync } from "node:fs";
import { type FileHandle, lstat, mkdir, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf, fileFault, reasonOf } from "./error-cause.ts";
import { CliError, ExitCode } from "./errors.ts";

export interface LockOptions {
  /** How long to wait while another one holds it. */
  readonly deadlineSeconds: number;
  /** Gets a line for people if the lock is not free. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while no other apply on this machine works on the same server. The kernel holds the lock (flock on an open
 * file) and frees it when this process ends, however it ends. Throws CliError 1, with the lock's file, if the lock is not
 * free before the deadline, and if util-linux's `flock` is missing.
 */
export async function withServerLock<Result>(
  url: string,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  return withLock(await openServerLock(url), { ...options, what: `another apply on ${new URL(url).host}` }, work);
}

/** Runs `work` while the file is locked, and closes it. `what` is what another holder is called. Throws as `withServerLock` does. */
export async function withLock<Result>(
  { file, handle }: OpenLock,
  options: LockOptions & { readonly what: string },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    await take(handle, { ...options, file });
    return await work();
  } finally {
    await handle.close();
  }
}

interface Wanted extends LockOptions {
  readonly file: string;
  readonly what: string;
}

async function take(handle: FileHandle, { file, what, deadlineSeconds, say, signal }: Wanted): Promise<void> {
  if (!(await flock(handle, ["--nonblock"], signal))) {
    say?.(`waiting for ${what}${await holderOf(handle)}`);
    if (!(await flock(handle, ["--timeout", `${deadlineSeconds}`], signal)))
      throw new CliError(
        ExitCode.failed,
        `${what}${await holderOf(handle)} still holds the lock after ${deadlineSeconds} s; nothing was written (lock ${file})`,
        "wait until it has ended, or give more time with --deadline",
      );
  }
  // Tells others whom they wait for. The lock holds without it, even in a file that this process may only read.
  await handle.truncate(0).catch(() => {});
  await handle.write(`${process.pid}\n`, 0).catch(() => {});
}

const heldByAnother = 75;

/** Whether the file is now locked. `flock` locks the open file that it inherits from us, so the lock outlives it. */
async function flock(handle: FileHandle, how: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
  const args = ["--exclusive", ...how, "--conflict-exit-code", `${heldByAnother}`, "3"];
  let words = "";
  // Node throws some errors of a start, and reports the others by an event.
  const run = async () => {
    const child = spawn("flock", args, { stdio: ["ignore", "ignore", "pipe", handle.fd], ...(signal && { signal }) });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      words += text;
    });
    return once(child, "close");
  };
  const [code] = (await run().catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw flockFailed(reasonOf(error));
  })) as [number | null];
  if (code === 0) return true;
  if (code === heldByAnother) return false;
  throw flockFailed(words.trim() || `exit ${code}`);
}

const flockFailed = (reason: string): CliError =>
  new CliError(ExitCode.failed, `flock failed: ${reason}`, "install util-linux, whose `flock` keeps two applies apart");

/** The process that holds the lock, if the file names it. */
async function holderOf(handle: FileHandle): Promise<string> {
  const nothing = { buffer: Buffer.alloc(0), bytesRead: 0 };
  // A locked folder has no text.
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(32), 0, 32, 0).catch(() => nothing);
  const pid = Number(buffer.subarray(0, bytesRead).toString());
  return Number.isSafeInteger(pid) && pid > 0 ? ` (pid ${pid})` : "";
}

/** Where a host keeps the locks that its units and root share. */
const hostFolder = "/run/lectern";

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

// One server may have all of these names. Two servers on one port of loopback then wait for each other, which costs nothing.
const loopbackNames = new Set(["localhost", "localhost.", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"]);

/** A server's address as part of its lock's name: `127.0.0.1-8080`. All names of loopback are one. */
export function lockName(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = loopbackNames.has(hostname) ? "127.0.0.1" : hostname.replace(/^\[(.*)\]$/, "$1");
  return `${host.replaceAll(":", "_")}-${port || defaultPorts[protocol]}`;
}

/** A lock's file: open, not locked yet. */
export interface OpenLock {
  readonly file: string;
  readonly handle: FileHandle;
}

/**
 * Opens a server's lock file, and makes it if it is missing: in /run/lectern, which a host's units and root share; else in
 * the user's runtime folder; else in a folder of the user's own below the folder for temporary files.
 * Throws CliError 1.
 */
export async function openServerLock(url: string): Promise<OpenLock> {
  const name = `${lockName(url)}.lock`;
  const shared = join(hostFolder, name);
  const handle = existsSync(hostFolder) ? await openLock(shared).catch(notOurs(shared)) : undefined;
  if (handle) return { file: shared, handle };
  const folder = ownFolder();
  const file = join(folder, name);
  try {
    await ensureOwnFolder(folder);
    return { file, handle: await openLock(file) };
  } catch (error) {
    throw unusable(file, error);
  }
}

/**
 * Opens a file to lock it. An existing file is opened without O_CREAT: with it, the kernel refuses another user's file in a
 * folder that everybody may write, even to root (fs.protected_regular).
 */
export async function openLock(file: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_NOFOLLOW;
  for (;;) {
    const there =
      (await unless(["ENOENT", "EACCES", "EROFS"], open(file, flags))) ??
      // Reading rights are enough to lock it.
      (await unless(["ENOENT"], open(file, constants.O_RDONLY | constants.O_NOFOLLOW)));
    if (there) return there;
    // Another process may make it at the same time.
    const made = await unless(["EEXIST"], open(file, flags | constants.O_CREAT | constants.O_EXCL, 0o600));
    if (made) return made;
  }
}

/** Undefined if the system's error is one of `codes`. */
const unless = <Value>(codes: readonly string[], attempt: Promise<Value>): Promise<Value | undefined> =>
  attempt.catch((error: unknown) => {
    if (!codes.includes(codeOf(error))) throw error;
    return undefined;
  });

/** If this user cannot write the host's folder and the server's lock is not there, it is no server of this host. */
const notOurs = (file: string) => (error: unknown) => {
  if (existsSync(file)) throw unusable(file, error);
  return undefined;
};

const unusable = (file: string, error: unknown): CliError =>
  new CliError(
    ExitCode.failed,
    `the lock ${file} cannot be used (${fileFault(error)})`,
    "run this as root, or as the user who owns the file",
  );

function ownFolder(): string {
  const { XDG_RUNTIME_DIR: runtime } = process.env;
  return runtime ? join(runtime, "lectern") : join(tmpdir(), `lectern-${process.getuid?.() ?? "user"}`);
}

/** Another user could have made this folder, if everybody may write the folder above. */
async function ensureOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(folder);
  const isOwn = process.getuid === undefined || uid === process.getuid();
  if (!isOwn || (mode & 0o022) !== 0) throw new Error(`${folder} is not this user's alone`);
}
