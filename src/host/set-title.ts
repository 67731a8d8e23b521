import { join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";
import { connectionError } from "../lib/connection-error.ts";
import { isTimeout } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { fetchWhole } from "../lib/fetch-whole.ts";
import { readPublicStatus } from "../lib/public-status.ts";
import { readSecretFile, SecretFault } from "../lib/secret-file.ts";
import type { HostStage } from "./installed-stages.ts";

const maxTitle = 500;
const requestSeconds = 15;
// After a lost response to a write: time to read the server's state again.
const lookAgainSeconds = 5;
const endpoint = "/api/integrations/streamtitle";

/**
 * Sets the running title with an access token and checks that Owncast shows it; `""` clears it. Throws CliError: 64 for a
 * bad title, 69 unreachable, 77 if the token is refused, 1 if the title is not shown.
 */
export async function setTitle(url: string, token: string, title: string): Promise<void> {
  if (/[\u0000-\u001f\u007f]/.test(title) || [...title].length > maxTitle)
    throw new CliError(ExitCode.usage, `a title is one line of at most ${maxTitle} characters`);
  const shownTitle = async (seconds: number) =>
    (await readPublicStatus(url, { seconds }).catch(unreachable(url, seconds)))?.streamTitle;
  const request = {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ value: title }),
    seconds: requestSeconds,
  } as const;
  const response = await fetchWhole(new URL(endpoint, url), request).catch(async (error: unknown) => {
    // The server may have set the title nevertheless.
    if ((await shownTitle(lookAgainSeconds).catch(() => undefined)) === title) return undefined;
    return unreachable(url, requestSeconds)(error);
  });
  if (response?.status === 401)
    throw new CliError(
      ExitCode.refused,
      `${url}: the access token was refused: it is not this server's, or its scope is not admin`,
      "on a host, lectern apply STAGE writes the right token to its file",
    );
  if (response?.status === 404) throw new CliError(ExitCode.unreachable, `${url}: has no ${endpoint}; is it Owncast?`);
  if (!response || (await shownTitle(requestSeconds)) === title) return;
  throw new CliError(
    ExitCode.failed,
    `${url}: answered ${response.status}, and does not show the title`,
    "read Owncast's log",
  );
}

/** Throws CliError 69 for a request without a response. */
const unreachable =
  (url: string, seconds: number) =>
  (error: unknown): never => {
    throw connectionError(url, isTimeout(error) ? `no answer within ${seconds} s` : error);
  };

/** The file with the token that may set a stage's title. Throws CliError 1, with how to declare one, if the seed has none. */
export function titleTokenFile({ name, stateDir }: HostStage, { integrations }: Seed): string {
  const token = integrations?.accessTokens?.list.find(({ scopes }) => scopes.includes("admin"));
  if (token) return join(stateDir, "tokens", token.name);
  throw new CliError(
    ExitCode.failed,
    `the stage "${name}" declares no access token with the scope admin; only such a token can set a title`,
    "add to its stage file: integrations: { accessTokens: { list: [{ name: title, scopes: [admin] }] } }; then rebuild the host",
  );
}

/** An access token from its file. Throws CliError 1 if it is missing. */
export async function readToken(file: string): Promise<string> {
  const token = await readSecretFile(file).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    const mayNotBeRead = ["EACCES", "EPERM"].includes(error.code);
    const remedy = mayNotBeRead ? "run it as root, or as the stage's user" : "lectern apply writes the token there";
    throw new CliError(ExitCode.failed, `${file}: ${error.message}`, remedy);
  });
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new CliError(ExitCode.failed, `${file}: holds no access token`, "lectern apply writes it there again");
}
