import { CliError, ExitCode } from "../lib/errors.ts";
import { readSecretFile, SecretFault } from "../lib/secret-file.ts";

/** The stream key in a file, read as every secret is. Throws CliError 1, never with the key in it. */
export const readStreamKey = (file: string): Promise<string> =>
  // A server that nobody configured takes the public one.
  readSecretFile(file, { mayBePublic: true }).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    throw new CliError(
      ExitCode.failed,
      `${file}: the stream key ${error.message}`,
      "give --stream-key-file a file that holds the stream key and nothing else, on one line, and that you may read",
    );
  });
