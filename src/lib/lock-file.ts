import { constants, existsSync } from "node:fs";
import { type FileHandle, lstat, mkdir, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf, fileFault } from "./error-cause.ts";
import { CliError, ExitCode } from "./errors.ts";

/** Where a host keeps the locks that its units and root share. */
const hostFolder = "/run/lectern";

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

// One server is called by all of these; two that share a port of one machine's loopback wait for each other, which costs nothing.
const loopbackNames = new Set(["localhost", "localhost.", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"]);

/** A server's address as it stands in its lock's name: `127.0.0.1-8080`. Loopback's names are one. */
export function lockName(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = loopbackNames.has(hostname) ? "127.0.0.1" : hostname.replace(/^\[(.*)\]$/, "$1");
  return `${host.replaceAll(":", "_")}-${port || defaultPorts[protocol]}`;
}

/** A lock's file, open and not locked yet. */
export interface OpenLock {
  readonly file: string;
  readonly handle: FileHandle;
}

/**
 * Opens a server's lock file, and makes it where it is not there: in /run/lectern, which a host's units and root share,
 * else in the user's own runtime folder, else in one of the user's own below the folder for temporary files.
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
 * Opens a file to be locked. One that is there is opened as it is: with O_CREAT the kernel would refuse, even to root,
 * one of another user in a folder that all may write (fs.protected_regular).
 */
export async function openLock(file: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_NOFOLLOW;
  for (;;) {
    const there =
      (await unless(["ENOENT", "EACCES", "EROFS"], open(file, flags))) ??
      // Enough to lock it.
      (await unless(["ENOENT"], open(file, constants.O_RDONLY | constants.O_NOFOLLOW)));
    if (there) return there;
    // Unless another one makes it meanwhile.
    const made = await unless(["EEXIST"], open(file, flags | constants.O_CREAT | constants.O_EXCL, 0o600));
    if (made) return made;
  }
}

/** Undefined for an expected error of the system's. */
const unless = <Value>(codes: readonly string[], attempt: Promise<Value>): Promise<Value | undefined> =>
  attempt.catch((error: unknown) => {
    if (!codes.includes(codeOf(error))) throw error;
    return undefined;
  });

/** A host's folder without this server's lock, and not to be written by this user: then it is no server of this host's. */
const notOurs = (file: string) => (error: unknown) => {
  if (existsSync(file)) throw unusable(file, error);
  return undefined;
};

const unusable = (file: string, error: unknown): CliError =>
  new CliError(
    ExitCode.failed,
    `the lock ${file} cannot be used (${fileFault(error)})`,
    "run this as root, or as the user whom the file belongs to",
  );

function ownFolder(): string {
  const { XDG_RUNTIME_DIR: runtime } = process.env;
  return runtime ? join(runtime, "lectern") : join(tmpdir(), `lectern-${process.getuid?.() ?? "user"}`);
}

/** A folder below one that everybody may write could have been put there by another user. */
async function ensureOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(folder);
  const isOwn = process.getuid === undefined || uid === process.getuid();
  if (!isOwn || (mode & 0o022) !== 0) throw new Error(`${folder} is not this user's alone`);
}
