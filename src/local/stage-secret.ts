import { join } from "node:path";
import { rehearsalTokenName } from "../../codegen/schema/core/secret-ref.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSecretFile, SecretFault } from "../lib/secret-file.ts";
import { readRehearsalToken } from "../viewer/rehearsal-token.ts";

/** Reads one of the stage's own secrets from a folder. Throws CliError 1, without the secret in it. */
export function readStageSecret(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  if (name === rehearsalTokenName) return readRehearsalToken(file);
  return readSecretFile(file).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    const remedy = "put the secret into it, alone and on one line, or remove the file: Lectern then makes one";
    throw new CliError(ExitCode.failed, `${file}: ${error.message}`, remedy);
  });
}
