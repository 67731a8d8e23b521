import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const pipeWithinMs = 10_000;

/** The largest text file that is read whole, such as a certificate. */
export const maxTextBytes = 1_000_000;

/**
 * A file's first bytes, so that a device or a film given by mistake is not read to its end. Reads nothing from a pipe without a
 * writer, and waits at most 10 s for a slow writer. Rejects with the system's error.
 * It is here, and not in codegen/load, because src/lib imports nothing and both need it.
 */
export async function readAtMost(file: string, limit: number): Promise<Uint8Array> {
  // Without O_NONBLOCK, opening a pipe waits for a writer, and nothing can end that.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await handle.stat();
    // A pipe has no size.
    const bytes = new Uint8Array(size === 0 ? limit : Math.min(size, limit));
    const until = performance.now() + pipeWithinMs;
    let length = 0;
    while (length < bytes.length) {
      const count = await readSome(handle, bytes, length, until);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

async function readSome(handle: FileHandle, bytes: Uint8Array, offset: number, until: number): Promise<number> {
  for (;;) {
    try {
      return (await handle.read(bytes, offset)).bytesRead;
    } catch (error) {
      const isWaiting = (error as NodeJS.ErrnoException).code === "EAGAIN";
      if (!isWaiting || performance.now() > until) throw error;
      await sleep(20);
    }
  }
}

/** A small file's text. Rejects with the system's error, or with a code that says that the file is too large. */
export async function readSmallText(file: string): Promise<string> {
  const bytes = await readAtMost(file, maxTextBytes + 1);
  if (bytes.length > maxTextBytes) {
    const code = `it is larger than ${maxTextBytes} bytes`;
    throw Object.assign(new Error(code), { code });
  }
  return Buffer.from(bytes).toString("utf8");
}

/** Reads a file of at most `mostBytes`. Throws for anything else, and never waits, as opening a pipe would. For services, which look at files all the time. */
export function readSmallFile(file: string, mostBytes: number): string {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error(`${file} is not a file`);
    if (stat.size > mostBytes) throw new Error(`${file} has ${stat.size} bytes; expected at most ${mostBytes}`);
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}
