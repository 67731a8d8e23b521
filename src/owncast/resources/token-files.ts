import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { fileFault } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { readPrivateFile, writePrivateFile } from "../../lib/private-file.ts";
import type { ResourcePlan } from "./converge.ts";

const option = "--state-dir";

/** Whether Owncast makes a token if these plans are carried out. */
const makesTokens = (plans: readonly ResourcePlan[]): boolean =>
  plans.some(({ kind, steps }) => kind.resource === "accessTokens" && steps.some(({ action }) => action !== "remove"));

/**
 * Before Owncast makes a token, makes sure that there is a folder for it: `<stateDir>/tokens`, mode 0700. Throws CliError
 * 64 if no state folder was given, 1 if it cannot be written.
 */
export async function ensureTokenFolder(plans: readonly ResourcePlan[], stateDir: string | undefined): Promise<void> {
  if (!makesTokens(plans)) return;
  if (stateDir === undefined)
    throw new CliError(
      ExitCode.usage,
      "integrations.accessTokens: Owncast would make a token, and there is no folder for it; nothing was written",
      `name one with ${option} FOLDER: the token goes to FOLDER/tokens/<name>, which only you can read`,
    );
  const trial = join(stateDir, "tokens/.writable");
  try {
    // As long as a token: a full disk often takes an empty file.
    await writePrivateFile(trial, "x".repeat(100));
    await rm(trial);
  } catch (error) {
    const remedy = `name another folder with ${option}, or make it writable`;
    throw new CliError(ExitCode.failed, `${join(stateDir, "tokens")}: cannot be written (${fileFault(error)})`, remedy);
  }
}

/**
 * Writes the token of every declared program into its file, mode 0600, unless it is there. So a token is also saved if the
 * run that made it was cut off. Resolves to the files that were written.
 */
export async function saveTokens(plans: readonly ResourcePlan[], stateDir: string | undefined): Promise<string[]> {
  const plan = plans.find(({ kind }) => kind.resource === "accessTokens");
  if (!plan || stateDir === undefined) return [];
  const written: string[] = [];
  for (const { key, value } of plan.state.wanted) {
    const token = plan.state.found.find((found) => found.key === key && isDeepStrictEqual(found.value, value))?.token;
    const file = join(stateDir, "tokens", key);
    if (token !== undefined && (await saveToken(file, token))) written.push(file);
  }
  return written;
}

/** Whether the file had to be written. */
async function saveToken(file: string, token: string): Promise<boolean> {
  const text = `${token}\n`;
  if ((await readPrivateFile(file).catch(() => undefined)) === text) return false;
  await writePrivateFile(file, text);
  return true;
}
