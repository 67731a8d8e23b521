import { CliError, ExitCode } from "../lib/errors.ts";
import type { HttpClient } from "../viewer/http-client.ts";

/** Where a stage says whether it allows rehearsals. */
export const permissionPath = "/.well-known/lectern-rehearsal";

const enable = "set rehearsal.enable on the stage's host, and copy the token that it makes";

/**
 * Asks the stage at `origin` whether this token may rehearse it. Throws CliError 77 with the reason if not, and 69 if the stage
 * cannot be asked. The token goes to that host only: redirects are not followed.
 */
export async function askPermission(
  client: HttpClient,
  {
    origin,
    token,
    signal,
  }: { readonly origin: string; readonly token: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const headers = { "lectern-rehearsal": token };
  const { status } = await client.fetch(origin + permissionPath, { headers, signal, isStranger: true });
  if (status === 204) return;
  if (status === 401 || status === 403)
    throw new CliError(
      ExitCode.refused,
      `${origin} refuses this rehearsal token`,
      "give --token-file the stage's present token; `lectern secrets STAGE` on the host says where it is",
    );
  if (status >= 500)
    throw new CliError(
      ExitCode.unreachable,
      `${origin} answers ${status} when asked for permission`,
      "is the stage up?",
    );
  throw new CliError(
    ExitCode.refused,
    `${origin} does not allow rehearsals${status === 404 ? "" : ` (it answers ${status})`}: it is no Lectern stage, or rehearsal.enable is not set there`,
    enable,
  );
}
