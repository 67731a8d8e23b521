import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../errors.ts";
import { told } from "../requests.ts";
import type { HostStage } from "./stages.ts";

const maxTitle = 500;
const answerWithinMs = 15_000;

/**
 * Sets the running title by an access token and looks whether everybody is shown it; `""` takes it away.
 * Throws CliError: 64 for a title that is none, 69 unreachable, 77 when the token is refused, 1 when the title is not shown.
 */
export async function setTitle(url: string, token: string, title: string): Promise<void> {
  if (/[\u0000-\u001f\u007f]/.test(title) || [...title].length > maxTitle)
    throw new CliError(ExitCode.usage, `a title is one line of at most ${maxTitle} characters`);
  const body = JSON.stringify({ value: title });
  const headers = { authorization: `Bearer ${token}` };
  const answer = await ask(url, "/api/integrations/streamtitle", { method: "POST", headers, body });
  if (answer.status === 401)
    throw new CliError(
      ExitCode.refused,
      `${url}: the access token was refused: it is not this server's, or its scope is not admin`,
      "on a host, lectern apply STAGE leaves the right token in its file",
    );
  const shown = (await (await ask(url, "/api/status", {})).json().catch(() => ({}))) as { streamTitle?: unknown };
  if (shown.streamTitle === title) return;
  throw new CliError(
    ExitCode.failed,
    `${url}: answered ${answer.status}, and does not show the title`,
    "look at Owncast's log",
  );
}

async function ask(url: string, path: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(answerWithinMs);
  const address = new URL(path, url);
  const request = { ...init, redirect: "error", signal } as const;
  const response = await told(init.method, address, () => fetch(address, request)).catch((error: Error) => {
    // fetch hides the reason (ECONNREFUSED …) one level down.
    const reason = (error.cause as Error | undefined)?.message ?? error.message;
    throw new CliError(ExitCode.unreachable, `${url}: ${reason}`, "is Owncast running there?");
  });
  if (response.status !== 404) return response;
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
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const isMissing = error.code === "ENOENT";
    throw new CliError(
      ExitCode.failed,
      `${file}: ${isMissing ? "no such file" : `cannot be read (${error.code})`}`,
      isMissing ? "lectern apply makes the token and leaves it there" : "run it as root, or as the stage's user",
    );
  });
  const token = text.trim();
  if (/^\S+$/.test(token)) return token;
  throw new CliError(ExitCode.failed, `${file}: holds no access token`, "lectern apply leaves it there again");
}
