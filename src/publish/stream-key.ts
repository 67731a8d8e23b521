import { CliError, ExitCode } from "../lib/errors.ts";
import { readSecretFile, SecretFault } from "../lib/secret-file.ts";

/** Reads a stream key from a file. Throws CliError 1, without the key in it. */
export const readStreamKey = (file: string): Promise<string> =>
  // A new Owncast accepts the public key.
  readSecretFile(file, { mayBePublic: true }).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    throw new CliError(
      ExitCode.failed,
      `${file}: the stream key ${error.message}`,
      "give --stream-key-file a file that holds the stream key and nothing else, on one line, and that you may read",
    );
  });
