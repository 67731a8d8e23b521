import { spawn } from "node:child_process";
import { once } from "node:events";
import type { FileHandle } from "node:fs/promises";
import { reasonOf } from "./error-cause.ts";
import { CliError, ExitCode } from "./errors.ts";
import { type OpenLock, openServerLock } from "./lock-file.ts";

export interface LockOptions {
  /** How long to wait while another one holds it. */
  readonly deadlineSeconds: number;
  /** Gets a line for people when there is something to wait for. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while no other apply on this machine works on the same server. The lock is the kernel's (flock on an open
 * file): it goes with this process, however that ends. Throws CliError 1 when it did not come free until the deadline,
 * naming the file, or when util-linux's `flock` is not there.
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
        `${what}${await holderOf(handle)} goes on since ${deadlineSeconds} s; nothing was written (lock ${file})`,
        "wait until it has ended, or give more time with --deadline",
      );
  }
  // For who has to wait. The lock holds without it, also in a file that this process may only read.
  await handle.truncate(0).catch(() => {});
  await handle.write(`${process.pid}\n`, 0).catch(() => {});
}

const heldByAnother = 75;

/** Whether the file's lock was got. The program locks the open file that it inherits, which is ours too, and stays locked when it has ended. */
async function flock(handle: FileHandle, how: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
  const args = ["--exclusive", ...how, "--conflict-exit-code", `${heldByAnother}`, "3"];
  let words = "";
  // Node tells some errors of a start by an event, and throws the others.
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

/** The process that holds the lock, where it has said so and is still there. */
async function holderOf(handle: FileHandle): Promise<string> {
  const nothing = { buffer: Buffer.alloc(0), bytesRead: 0 };
  // A folder that is locked holds no words.
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(32), 0, 32, 0).catch(() => nothing);
  const pid = Number(buffer.subarray(0, bytesRead).toString());
  return Number.isSafeInteger(pid) && pid > 0 ? ` (pid ${pid})` : "";
}
