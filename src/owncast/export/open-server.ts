import { join } from "node:path";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { publicDefault, readSecretFile, SecretFault } from "../../lib/secret-file.ts";
import { isRefusal } from "../apply/session.ts";
import { ensureServerAddress } from "../apply/target.ts";
import { OwncastClient } from "../client/client.ts";

export interface ServerOptions {
  readonly url: string;
  /** The folder that holds `admin-password`. */
  readonly secrets: string;
  readonly deadlineSeconds: number;
}

/** A server that took a password, and which. */
export interface OpenServer {
  readonly client: OwncastClient;
  readonly password: string;
  /** What `GET /api/admin/serverconfig` answered. */
  readonly config: unknown;
}

/**
 * Logs in for reading with the password of the secrets folder, else with Owncast's public default: nobody may have set one yet.
 * Throws CliError: 64 for an address that is none, 1 without a password, 69 unreachable, 77 refused.
 */
export async function openServer({ url, secrets, deadlineSeconds }: ServerOptions): Promise<OpenServer> {
  ensureServerAddress(url);
  const given = await readPassword(join(secrets, "admin-password"));
  let refusal: unknown;
  for (const password of new Set([given, publicDefault])) {
    const client = new OwncastClient({ url, password, deadlineSeconds });
    try {
      return { client, password, config: await client.serverConfig() };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

const readPassword = (file: string): Promise<string> =>
  readSecretFile(file, { mayBePublic: true }).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    const remedy = "put the password of the server's admin page into it, on one line";
    throw new CliError(ExitCode.failed, `${file}: ${error.message}`, remedy);
  });
