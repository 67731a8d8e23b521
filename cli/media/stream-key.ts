import { readFile } from "node:fs/promises";
import { CliError, ExitCode } from "../errors.ts";

/** The stream key in a file; the newline that editors leave at its end does not count. Throws CliError 1, never with the key in it. */
export async function readStreamKey(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = { ENOENT: "no such file", EACCES: "may not be read by this user", EISDIR: "is a folder" };
    throw new CliError(
      ExitCode.failed,
      `${file}: the stream key cannot be read: ${reason[error.code as keyof typeof reason] ?? error.code}`,
      "give --stream-key-file a file that holds the stream key and that you may read",
    );
  });
  const key = text.replace(/\r?\n$/, "");
  if (key === "")
    throw new CliError(ExitCode.failed, `${file}: holds no stream key`, "put the stream key into it, on one line");
  // Zero bytes, line breaks and the like are what a wrong file holds; no key that Owncast takes has them.
  if (/[\p{Cc}\u2028\u2029\uFFFD]/u.test(key))
    throw new CliError(
      ExitCode.failed,
      `${file}: the stream key has line breaks or characters that cannot be printed`,
      "the file must hold the stream key and nothing else, on one line",
    );
  if (Buffer.byteLength(key) > 1000)
    throw new CliError(ExitCode.failed, `${file}: is too long for a stream key`, "name the file with the key alone");
  return key;
}
