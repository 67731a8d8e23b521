import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { fileFault } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { readPrivateFile, writePrivateFile } from "../../lib/private-file.ts";
import type { ResourcePlan } from "./converge.ts";

const option = "--state-dir";

/** Whether carrying out the plans makes Owncast hand out a token. */
const makesTokens = (plans: readonly ResourcePlan[]): boolean =>
  plans.some(({ kind, steps }) => kind.resource === "accessTokens" && steps.some(({ action }) => action !== "remove"));

/**
 * Makes sure, before a token is made, that there is a place to leave it: `<stateDir>/tokens`, mode 0700.
 * Throws CliError 64 when no state folder was given, 1 when it cannot be written.
 */
export async function ensureTokenFolder(plans: readonly ResourcePlan[], stateDir: string | undefined): Promise<void> {
  if (!makesTokens(plans)) return;
  if (stateDir === undefined)
    throw new CliError(
      ExitCode.usage,
      "integrations.accessTokens: Owncast would make a token, and there is no place to leave it; nothing was written",
      `say with ${option} FOLDER where it goes: FOLDER/tokens/<name>, readable to you alone`,
    );
  const trial = join(stateDir, "tokens/.writable");
  try {
    // As much as a token: on a full disk an empty file can often be made.
    await writePrivateFile(trial, "x".repeat(100));
    await rm(trial);
  } catch (error) {
    const remedy = `name another folder with ${option}, or make it writable`;
    throw new CliError(ExitCode.failed, `${join(stateDir, "tokens")}: cannot be written (${fileFault(error)})`, remedy);
  }
}

/**
 * Leaves the token of every declared program in its file, mode 0600, where it is not there yet: also one that a run which was
 * cut off made without saving it. Resolves to the files that were written.
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
