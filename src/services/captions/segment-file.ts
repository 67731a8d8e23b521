import { join } from "node:path";
import { codeOf } from "../../lib/error-cause.ts";
import { readAtMost } from "../../lib/small-file.ts";

// A minute of 60 Mbit/s.
const mostBytes = 450_000_000;

/**
 * A segment's bytes: from the first of the folders that has its file. Undefined if none has. Rejects with the system's error, or if
 * the file is too large.
 */
export async function readSegment(
  folders: readonly string[],
  input: number,
  file: string,
): Promise<Buffer | undefined> {
  for (const folder of folders) {
    try {
      const bytes = await readAtMost(join(folder, `${input}`, file), mostBytes + 1);
      if (bytes.length > mostBytes) throw new Error(`it is larger than ${mostBytes} bytes`);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  }
  return undefined;
}
