import { configFields } from "../../../codegen/schema/owncast/owncast.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { publicDefault } from "../../lib/secret-file.ts";
import { OwncastClient } from "../client/client.ts";
import { rememberedPasswords } from "./admin-password.ts";
import type { Target } from "./apply.ts";
import { notSupported } from "./apply-errors.ts";
import { type Change, diff, unsupported } from "./diff.ts";

/** A server that was logged in to and read once. */
export interface Session {
  readonly client: OwncastClient;
  readonly changes: readonly Change[];
  /** The password that the server took. */
  readonly password: string;
  readonly passwordChange: boolean;
}

/** The admin password that the seed asks for. */
export const desiredPassword = ({ seed, reveal }: Target): string => reveal(seed.access.adminPassword.secret);

/**
 * Logs in with the first password that the server takes (the seed's, those that the last apply left, Owncast's default)
 * and compares. Throws CliError: 69 unreachable, 77 when it takes none of them, 1 for a setting that it lacks.
 */
export async function openSession(target: Target): Promise<Session> {
  const { seed, url, reveal, deadlineSeconds, signal } = target;
  const desired = desiredPassword(target);
  for (const password of await candidates(target, desired)) {
    const client = new OwncastClient({ url, password, deadlineSeconds, ...(signal && { signal }) });
    const live = await client.serverConfig().catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
    });
    if (live === undefined) continue;
    const changes = diff(configFields, seed, live, reveal);
    const lacking = unsupported(changes);
    if (lacking.length > 0) throw notSupported(url, lacking);
    return { client, changes, password, passwordChange: password !== desired };
  }
  throw lockedOut(target);
}

async function candidates({ currentPassword, stateDir }: Target, desired: string): Promise<Set<string>> {
  if (currentPassword !== undefined) return new Set([currentPassword]);
  return new Set([desired, ...(await rememberedPasswords(stateDir)), publicDefault]);
}

/** Whether the server is there and said no to the password. */
export const isRefusal = (error: unknown): boolean => error instanceof CliError && error.exitCode === ExitCode.refused;

function lockedOut({ url, seed, stateDir }: Target): CliError {
  const { secret } = seed.access.adminPassword;
  const tried = stateDir === undefined ? "" : `, nor the last applied one of ${stateDir}`;
  const memory = stateDir === undefined ? "; with --state-dir an apply remembers the password that it set" : "";
  return new CliError(
    ExitCode.refused,
    `${url}: the admin password was refused: it is not ${secret} of the secrets folder${tried}, nor Owncast's default`,
    `restart the stage, whose bootstrap sets it with the network shut; or put the one that it has now into ${secret}, apply, and change it then${memory}`,
  );
}
