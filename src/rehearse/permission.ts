import { CliError, ExitCode } from "../lib/errors.ts";
import type { HttpClient } from "../viewer/http-client.ts";
import { rehearsalHeader, rehearsalPath } from "../viewer/rehearsal-token.ts";

const enable = "write rehearsal: { enable: true } into the stage file, and take the token that its host then makes";

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
  const headers = { [rehearsalHeader]: token };
  const { status } = await client.fetch(origin + rehearsalPath, { headers, signal, isStranger: true });
  if (status === 204) return;
  if (status === 401 || status === 403)
    throw new CliError(
      ExitCode.refused,
      `${origin} refuses this rehearsal token`,
      "give --token-file the stage's present token: on its host, `sudo lectern secrets STAGE` shows the file rehearsal-token",
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
