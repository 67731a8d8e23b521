import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** Reads a file of at most so many bytes. Throws for anything else, and never waits, as opening a pipe would. */
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
