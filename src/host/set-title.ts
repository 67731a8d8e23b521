import { join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";
import { isTimeout, reasonOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { told } from "../lib/requests.ts";
import { bodyOf } from "../lib/response-body.ts";
import { readSecretFile, SecretFault } from "../lib/secret-file.ts";
import { withinSeconds } from "../lib/time-limit.ts";
import type { HostStage } from "./installed-stages.ts";

const maxTitle = 500;
const answerWithinSeconds = 15;
// To look what became of a write whose answer was lost.
const lookAgainSeconds = 5;

/**
 * Sets the running title by an access token and looks whether everybody is shown it; `""` takes it away.
 * Throws CliError: 64 for a title that is none, 69 unreachable, 77 when the token is refused, 1 when the title is not shown.
 */
export async function setTitle(url: string, token: string, title: string): Promise<void> {
  if (/[\u0000-\u001f\u007f]/.test(title) || [...title].length > maxTitle)
    throw new CliError(ExitCode.usage, `a title is one line of at most ${maxTitle} characters`);
  const body = JSON.stringify({ value: title });
  const headers = { authorization: `Bearer ${token}` };
  const answer = await ask(url, "/api/integrations/streamtitle", { method: "POST", headers, body }).catch(
    async (error: unknown) => {
      // Whether a write was done whose answer was lost, only reading tells.
      if ((await shownTitle(url, lookAgainSeconds).catch(() => undefined)) === title) return undefined;
      throw error;
    },
  );
  if (answer?.status === 401)
    throw new CliError(
      ExitCode.refused,
      `${url}: the access token was refused: it is not this server's, or its scope is not admin`,
      "on a host, lectern apply STAGE leaves the right token in its file",
    );
  if (!answer || (await shownTitle(url)) === title) return;
  throw new CliError(
    ExitCode.failed,
    `${url}: answered ${answer.status}, and does not show the title`,
    "look at Owncast's log",
  );
}

/** The title that everybody is shown; undefined when the answer is not Owncast's. */
async function shownTitle(url: string, seconds = answerWithinSeconds): Promise<unknown> {
  const { text } = await ask(url, "/api/status", {}, seconds);
  try {
    return (JSON.parse(text) as { streamTitle?: unknown } | null)?.streamTitle;
  } catch {
    return undefined;
  }
}

/** One request with its whole answer. Throws CliError 69 when there is none. */
async function ask(
  url: string,
  path: string,
  init: RequestInit,
  seconds = answerWithinSeconds,
): Promise<{ status: number; text: string }> {
  const address = new URL(path, url);
  const asked = () =>
    withinSeconds(seconds, undefined, async (signal) => {
      const response = await fetch(address, { ...init, redirect: "error", signal });
      return { status: response.status, text: `${await bodyOf(response, signal)}` };
    });
  const answer = await told(init.method, address, asked).catch((error: unknown) => {
    const reason = isTimeout(error) ? `no answer within ${seconds} s` : reasonOf(error);
    throw new CliError(ExitCode.unreachable, `${url}: ${reason}`, "is Owncast running there?");
  });
  if (answer.status !== 404) return answer;
  throw new CliError(ExitCode.unreachable, `${url}: has no ${path}; is it Owncast?`);
}

/** The file with the token that may set a stage's title. Throws CliError 1, with how to declare one, when the seed has none. */
export function titleTokenFile({ name, stateDir }: HostStage, { integrations }: Seed): string {
  const token = integrations?.accessTokens?.list.find(({ scopes }) => scopes.includes("admin"));
  if (token) return join(stateDir, "tokens", token.name);
  throw new CliError(
    ExitCode.failed,
    `the stage "${name}" declares no access token with the scope admin, and a title is set by nothing else`,
    "into its stage file: integrations: { accessTokens: { list: [{ name: title, scopes: [admin] }] } }; then rebuild the host",
  );
}

/** An access token from its file. Throws CliError 1 when it is not there. */
export async function readToken(file: string): Promise<string> {
  const token = await readSecretFile(file).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    const mayNotBeRead = ["EACCES", "EPERM"].includes(error.code);
    const remedy = mayNotBeRead ? "run it as root, or as the stage's user" : "lectern apply leaves the token there";
    throw new CliError(ExitCode.failed, `${file}: ${error.message}`, remedy);
  });
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new CliError(ExitCode.failed, `${file}: holds no access token`, "lectern apply leaves it there again");
}
