import { configFields } from "../../../codegen/schema/owncast/owncast.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { publicDefault } from "../../lib/secret-file.ts";
import { logIn, type OwncastClient, unlessRefused } from "../client/client.ts";
import type { SeedWithSecrets } from "../seed/read-seed.ts";
import { rememberedPasswords } from "./admin-password.ts";
import { notSupported } from "./apply-errors.ts";
import { type Change, diff, unsupported } from "./diff.ts";

/** A server, and its desired state. */
export interface Target extends SeedWithSecrets {
  /** Owncast's own address, `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Time limit for each wait for a server that does not respond, and for another apply. */
  readonly deadlineSeconds: number;
  /** The password that the server has now, if it is known not to be the seed's (bootstrap). */
  readonly currentPassword?: string;
  /** Folder for access tokens that Owncast makes (`tokens/<name>`) and for the last applied admin password (`applied-password`). */
  readonly stateDir?: string;
  /** Gets a line for people if apply has to wait for another apply. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** A server after the log-in, with its configuration read once. */
export interface Session {
  readonly client: OwncastClient;
  /** The response to `GET /api/admin/serverconfig`. */
  readonly config: unknown;
  readonly changes: readonly Change[];
  /** The password that the server took. */
  readonly password: string;
  readonly passwordChange: boolean;
}

/** The admin password that the seed asks for. */
export const desiredPassword = ({ seed, reveal }: Target): string => reveal(seed.access.adminPassword.secret);

/**
 * Logs in and compares. Tries the seed's password, then those of the last apply, then Owncast's default. Throws CliError:
 * 69 if the server is unreachable, 77 if it takes none of them, 1 for a setting that it lacks.
 */
export async function openSession(target: Target): Promise<Session> {
  const { seed, url, reveal, deadlineSeconds, signal } = target;
  const desired = desiredPassword(target);
  const { client, password, config } = await logIn(await candidates(target, desired), {
    url,
    deadlineSeconds,
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    unlessRefused(error);
    throw lockedOut(target);
  });
  const changes = diff(configFields, seed, config, reveal);
  const lacking = unsupported(changes);
  if (lacking.length > 0) throw notSupported(url, lacking);
  return { client, config, changes, password, passwordChange: password !== desired };
}

async function candidates({ currentPassword, stateDir }: Target, desired: string): Promise<Set<string>> {
  if (currentPassword !== undefined) return new Set([currentPassword]);
  return new Set([desired, ...(await rememberedPasswords(stateDir)), publicDefault]);
}

function lockedOut({ url, seed, stateDir }: Target): CliError {
  const { secret } = seed.access.adminPassword;
  const tried = stateDir === undefined ? "" : `, the last applied one in ${stateDir}`;
  const memory = stateDir === undefined ? "; with --state-dir, apply remembers the password that it set" : "";
  return new CliError(
    ExitCode.refused,
    `${url}: the server refuses every admin password that apply knows: ${secret} in the secrets folder${tried}, and Owncast's default`,
    `restart the stage: its bootstrap sets the password without a network; or put the server's current password into ${secret}, apply, and change it afterwards${memory}`,
  );
}
