import { rehearsal } from "../../codegen/site/rules.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSecretFile, SecretFault } from "../lib/secret-file.ts";

/** Where a stage's front says whether it allows a rehearsal: 204, 401 for a wrong token, 404 if none is allowed. */
export const rehearsalPath = rehearsal.at.exactly;

/** The request header with the token. */
export const rehearsalHeader = "Lectern-Rehearsal";

// 22 characters of 64 kinds are 128 bits. The longest keeps Caddy's file and the header small.
const tokenForm = /^[A-Za-z0-9_-]{22,128}$/;

/** The rehearsal token in a file. Throws SecretFault if it cannot be used. */
export async function rehearsalTokenIn(file: string): Promise<string> {
  const token = await readSecretFile(file);
  if (!tokenForm.test(token))
    throw new SecretFault("is no rehearsal token: that is 22 to 128 random letters, digits, dashes and underscores");
  return token;
}

/** The same for commands: throws CliError 1, without the token in it. */
export const readRehearsalToken = (file: string): Promise<string> =>
  rehearsalTokenIn(file).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    throw new CliError(
      ExitCode.failed,
      `${file}: ${error.message}`,
      "take the stage's own: on its host, sudo lectern secrets STAGE shows the file rehearsal-token",
    );
  });
