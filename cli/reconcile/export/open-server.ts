import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CliError, ExitCode } from "../../errors.ts";
import { OwncastClient } from "../client.ts";
import { publicDefault } from "../secrets.ts";
import { isRefusal } from "../session.ts";
import { ensureServerAddress } from "../target.ts";

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

async function readPassword(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "no such file" : `cannot be read (${error.code})`;
    throw new CliError(ExitCode.failed, `${file}: ${reason}`, "put the password of the server's admin page into it");
  });
  const password = text.replace(/\r?\n$/, "");
  if (/^[^\u0000-\u001f\u007f]+$/.test(password)) return password;
  throw new CliError(
    ExitCode.failed,
    `${file}: expected the password on one line`,
    "put the password of the server's admin page into it",
  );
}
