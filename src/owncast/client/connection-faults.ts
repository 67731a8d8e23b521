import { certificateFault } from "../../lib/connection-error.ts";
import { codeOf } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";

const ownAddress = "--url wants Owncast's own address, such as http://127.0.0.1:8080";

/** Nothing that can be used answers at an address. `cause` is what the connection said. */
export const unreachable = (url: string, reason: string, cause?: unknown): CliError =>
  new CliError(
    ExitCode.unreachable,
    `${url}: ${reason}`,
    `is Owncast running there? ${ownAddress}; --deadline gives it longer to start`,
    { cause },
  );

/** The server is there and takes none of the passwords that were tried. */
export const refused = (url: string): CliError =>
  new CliError(
    ExitCode.refused,
    `${url}: the admin password was refused`,
    "put the password that this server has now into admin-password in the secrets folder",
  );

/** Another server answers: Owncast's admin API redirects nobody. Only the site is said, for the rest may hold a token. */
export function redirected(url: string, location: string | null): CliError {
  const site = location && URL.canParse(location, url) ? ` to ${new URL(location, url).origin}` : "";
  return new CliError(ExitCode.unreachable, `${url}: redirects${site}, so it is not Owncast itself`, ownAddress);
}

/** A connection's failure that no waiting mends, as what to tell a person; undefined for one that may pass. Takes anything that can be thrown. */
export function lastingFault(url: string, error: unknown): CliError | undefined {
  const fault = certificateFault(error);
  if (fault !== undefined)
    return new CliError(
      ExitCode.unreachable,
      `${url}: its certificate ${fault}, so nobody knows who would get the password`,
      `${ownAddress}; or name the authority's file in the variable NODE_EXTRA_CA_CERTS`,
      { cause: error },
    );
  // What a server without TLS answers to a client that wants it.
  if (codeOf(error) === "ERR_SSL_WRONG_VERSION_NUMBER")
    return new CliError(ExitCode.unreachable, `${url}: does not speak TLS`, `begin it with http://; ${ownAddress}`, {
      cause: error,
    });
  return undefined;
}
