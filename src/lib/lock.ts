import { spawn, spawnSync } from "node:child_process";
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
  /** Gets a line for people if another process holds the lock. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while no other apply on this machine works on the same server. The kernel holds the lock (flock on an open
 * file) and frees it when this process ends, however it ends. Throws CliError 1 with the file's name if the lock is not
 * free before the deadline, and if util-linux's `flock` is missing.
 */
export async function withServerLock<Result>(
  url: string,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  return withLock(await openServerLock(url), { ...options, what: `another apply on ${new URL(url).host}` }, work);
}

/** Runs `work` while the file is locked, then closes it. `what` names another holder, for people. Throws as `withServerLock` does. */
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
  if (!(await flock(handle, 0, signal))) {
    say?.(`waiting for ${what}${await holderOf(handle)}`);
    if (!(await flock(handle, deadlineSeconds, signal)))
      throw new CliError(
        ExitCode.failed,
        `${what}${await holderOf(handle)} has been running for more than ${deadlineSeconds} s; nothing was written (lock ${file})`,
        "wait until it has ended, or allow more time with --deadline",
      );
  }
  // For the message of a process that waits. Locking works without it, even if this process may only read the file.
  await handle.truncate(0).catch(() => {});
  await handle.write(`${process.pid}\n`, 0).catch(() => {});
}

const heldByAnother = 75;

/** The arguments of `flock` for the open file that it gets as descriptor 3. */
const flockArgs = (waitSeconds: number): string[] => {
  const how = waitSeconds > 0 ? ["--timeout", `${waitSeconds}`] : ["--nonblock"];
  return ["--exclusive", ...how, "--conflict-exit-code", `${heldByAnother}`, "3"];
};

/**
 * Locks an open file or folder for this process until it is closed, and lets nothing else of this process run meanwhile. Returns
 * false if another process holds the lock for longer than `waitSeconds`, and if `flock` or the file system cannot lock it.
 */
export const lockAtOnce = (descriptor: number, waitSeconds = 0): boolean =>
  spawnSync("flock", flockArgs(waitSeconds), { stdio: ["ignore", "ignore", "ignore", descriptor] }).status === 0;

/** Whether this process has the lock now. `flock` locks the open file that it inherits: the lock stays after `flock` has ended. */
async function flock(handle: FileHandle, waitSeconds: number, signal: AbortSignal | undefined): Promise<boolean> {
  const args = flockArgs(waitSeconds);
  let words = "";
  // Node throws some errors of a start and emits others.
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
  new CliError(
    ExitCode.failed,
    `flock failed: ${reason}`,
    "install util-linux: its `flock` prevents two applies at the same time",
  );

/** The process that holds the lock, if its number can be read. */
async function holderOf(handle: FileHandle): Promise<string> {
  const nothing = { buffer: Buffer.alloc(0), bytesRead: 0 };
  // A locked folder cannot be read like a file.
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(32), 0, 32, 0).catch(() => nothing);
  const pid = Number(buffer.subarray(0, bytesRead).toString());
  return Number.isSafeInteger(pid) && pid > 0 ? ` (pid ${pid})` : "";
}

/** A host keeps here the locks that its units and root share. */
const hostFolder = "/run/lectern";

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

// All names of one machine's loopback. Two servers that share a port there wait for each other, which costs nothing.
const loopbackNames = new Set(["localhost", "localhost.", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"]);

/** A server's address for the name of its lock: `127.0.0.1-8080`. All names of loopback give one name. */
export function lockName(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = loopbackNames.has(hostname) ? "127.0.0.1" : hostname.replace(/^\[(.*)\]$/, "$1");
  return `${host.replaceAll(":", "_")}-${port || defaultPorts[protocol]}`;
}

/** An open file that is not locked yet. */
export interface OpenLock {
  readonly file: string;
  readonly handle: FileHandle;
}

/**
 * Opens a server's lock file, and makes it if it is missing: in /run/lectern, which a host's units and root share, else in
 * the user's runtime folder, else in a folder of the user's own below the folder for temporary files. Throws CliError 1.
 */
async function openServerLock(url: string): Promise<OpenLock> {
  const name = `${lockName(url)}.lock`;
  const shared = join(hostFolder, name);
  const lock = existsSync(hostFolder) ? await openLock(shared).catch(notOurs(shared)) : undefined;
  if (lock) return lock;
  const folder = ownFolder();
  const file = join(folder, name);
  try {
    await ensureOwnFolder(folder);
    return await openLock(file);
  } catch (error) {
    throw unusable(file, error);
  }
}

/**
 * Opens a file to be locked, and makes it if it is missing. An existing file is opened without O_CREAT: in a folder that
 * everybody may write, the kernel refuses that for another user's file, even to root (fs.protected_regular).
 */
export async function openLock(file: string): Promise<OpenLock> {
  const flags = constants.O_RDWR | constants.O_NOFOLLOW;
  for (;;) {
    const present =
      (await unless(["ENOENT", "EACCES", "EROFS"], open(file, flags))) ??
      // Reading is enough to lock a file.
      (await unless(["ENOENT"], open(file, constants.O_RDONLY | constants.O_NOFOLLOW)));
    if (present) return { file, handle: present };
    // Another process may make the file at this moment: then try to open it again.
    const made = await unless(["EEXIST"], open(file, flags | constants.O_CREAT | constants.O_EXCL, 0o600));
    if (made) return { file, handle: made };
  }
}

/** Undefined if the attempt fails with one of these codes. */
const unless = <Value>(codes: readonly string[], attempt: Promise<Value>): Promise<Value | undefined> =>
  attempt.catch((error: unknown) => {
    if (!codes.includes(codeOf(error))) throw error;
    return undefined;
  });

/** If this user cannot make the lock in the host's folder, the server does not belong to this host. */
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

/** Another user could have made this folder first, since everybody may write to the folder above it. */
async function ensureOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(folder);
  const isOwn = process.getuid === undefined || uid === process.getuid();
  if (!isOwn || (mode & 0o022) !== 0) throw new Error(`${folder} belongs to another user, or others can change it`);
}
