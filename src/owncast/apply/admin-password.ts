import { join } from "node:path";
import { fileFault } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { readPrivateFile, writePrivateFile } from "../../lib/private-file.ts";

const fileOf = (stateDir: string): string => join(stateDir, "applied-password");

/**
 * The admin passwords that the server may have since the last apply: one if it ended well, two if it was cut off. None
 * without a state folder. Throws CliError 1 if the file cannot be read.
 */
export async function rememberedPasswords(stateDir: string | undefined): Promise<string[]> {
  if (stateDir === undefined) return [];
  const text = await readPrivateFile(fileOf(stateDir)).catch((error: unknown) => {
    const remedy =
      "make it belong to the user who runs apply, with mode 0600; or remove it: apply then tries the password in the secrets folder";
    throw new CliError(ExitCode.failed, `${fileOf(stateDir)}: cannot be used (${fileFault(error)})`, remedy);
  });
  return (text ?? "").split("\n").filter((line) => line !== "");
}

/**
 * Remembers the passwords that the server may have from now on: before a change the old and the new one, afterwards the
 * new one. So a run that is killed at any point leaves the right one among them. Throws CliError 1.
 */
export async function rememberPasswords(stateDir: string | undefined, passwords: readonly string[]): Promise<void> {
  if (stateDir === undefined) return;
  const wanted = [...new Set(passwords)];
  const present = await rememberedPasswords(stateDir);
  if (present.join("\n") === wanted.join("\n")) return;
  await writePrivateFile(fileOf(stateDir), wanted.map((password) => `${password}\n`).join("")).catch(
    (error: unknown) => {
      throw new CliError(
        ExitCode.failed,
        `${fileOf(stateDir)}: cannot be written (${fileFault(error)})`,
        "--state-dir takes a folder that this user may write",
      );
    },
  );
}
