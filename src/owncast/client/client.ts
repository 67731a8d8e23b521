import pRetry, { AbortError } from "p-retry";
import type { z } from "zod";
import { connectionError, connectionReason, TlsError } from "../../lib/connection-error.ts";
import { isTimeout } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { fetchWhole, type WholeRequest, type WholeResponse } from "../../lib/fetch-whole.ts";

/** The response to a write. It proves nothing: only reading again shows the server's value. */
export interface WriteResult {
  /** HTTP's status; 0 if the connection was lost, so that the effect is unknown. */
  readonly status: number;
  /** Owncast's own message, if it sent one. */
  readonly message: string;
}

export interface ClientOptions {
  /** Base address of Owncast, `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly password: string;
  /** Time limit of each read for a server that does not respond. */
  readonly deadlineSeconds: number;
  readonly signal?: AbortSignal;
}

const requestSeconds = 15;
// A time-out after less than this says nothing about the server.
const shortSeconds = 1;

/** Owncast's admin API. The password is sent in a header and appears nowhere else. */
export class OwncastClient {
  readonly #options: ClientOptions;
  #password: string;
  #lastReason: string | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#password = options.password;
  }

  /** Uses another password from now on. */
  usePassword(password: string): void {
    this.#password = password;
  }

  /**
   * The running configuration. Throws CliError: 69 if there is no response before the deadline or one that is not
   * Owncast's, 77 if the password is refused.
   */
  async serverConfig(): Promise<unknown> {
    return this.#readJson("/api/admin/serverconfig");
  }

  /** Reads a path of the server as JSON of this shape. Throws CliError as `serverConfig` does. */
  async read<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.output<Shape>> {
    const { data, error } = shape.safeParse(await this.#readJson(path));
    if (error === undefined) return data;
    const [issue] = error.issues;
    throw notOwncast(`${path}: ${issue?.path.join(".") || "the response"}: ${issue?.message}`);
  }

  /** The bytes of a public file of the server; undefined if there is none. Throws CliError 69. */
  async readFile(path: string): Promise<Uint8Array | undefined> {
    const { status, body } = await this.#retryUntilDeadline(path);
    return status === 404 ? undefined : body;
  }

  /** Writes one setting, once, as `post` does. Never sends `null`: some endpoints clear the setting then. */
  async write(endpoint: string, value: unknown): Promise<WriteResult> {
    if (value === undefined || value === null) throw new Error(`${endpoint}: refusing to send an empty value`);
    return this.post(`config/${endpoint}`, { value });
  }

  /**
   * Posts a value or a form below `/api/admin/`, once. A lost connection gives status 0: only reading again tells whether
   * the server did it. Throws CliError 77 if the password is refused.
   */
  async post(endpoint: string, value: unknown): Promise<WriteResult> {
    const body = value instanceof FormData ? value : JSON.stringify(value);
    try {
      const response = await this.#request(`/api/admin/${endpoint}`, { method: "POST", body });
      // A proxy's response for a server that is gone. The server may have done it or not.
      const isLostBehindProxy = response.status >= 502 && response.status <= 504;
      if (isLostBehindProxy) return { status: 0, message: `answered ${response.status}` };
      return { status: response.status, message: this.#withoutPassword(readMessage(`${response.body}`)) };
    } catch (error) {
      if (error instanceof AbortError) throw error.originalError;
      if (this.#options.signal?.aborted) throw error;
      return { status: 0, message: connectionReason(error) };
    }
  }

  async #readJson(path: string): Promise<unknown> {
    const { url } = this.#options;
    const { status, body } = await this.#retryUntilDeadline(path);
    if (status === 404) throw unreachable(url, `has no ${path}; is it Owncast?`);
    if (status !== 200) throw unreachable(url, `answered ${status} to ${path}`);
    try {
      return JSON.parse(`${body}`);
    } catch (error) {
      throw unreachable(url, "did not answer with JSON", error);
    }
  }

  /** A server may send the password back: nobody may see such a message. */
  #withoutPassword(message: string): string {
    const header = Buffer.from(`admin:${this.#password}`).toString("base64");
    return message.includes(header) || message.includes(this.#password) ? "" : message;
  }

  /** Reads again and again while the server does not respond or responds with an error of its own (5xx). */
  async #retryUntilDeadline(path: string): Promise<WholeResponse> {
    const { url, signal, deadlineSeconds } = this.#options;
    const until = performance.now() + deadlineSeconds * 1000;
    const read = async (): Promise<WholeResponse> => {
      const response = await this.#request(path, {}, until);
      this.#lastReason = response.status >= 500 ? `answered ${response.status} to ${path}` : undefined;
      if (this.#lastReason !== undefined) throw new Error(this.#lastReason);
      return response;
    };
    return pRetry(read, {
      retries: Number.POSITIVE_INFINITY,
      // Each pause is short compared with the time waited so far: a server that comes up is noticed soon.
      minTimeout: 20,
      factor: 1.1,
      maxTimeout: 1000,
      maxRetryTime: deadlineSeconds * 1000,
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      if (error instanceof CliError || signal?.aborted) throw error;
      const reason = error instanceof NoResponse ? `no answer within ${deadlineSeconds} s` : connectionReason(error);
      throw unreachable(url, reason, error);
    });
  }

  /** One request. Throws an AbortError with a CliError in it if a retry would end the same way. */
  async #request(
    path: string,
    request: Pick<WholeRequest, "method" | "body">,
    until = Number.POSITIVE_INFINITY,
  ): Promise<WholeResponse> {
    const { url, signal, deadlineSeconds } = this.#options;
    const seconds = Math.min(requestSeconds, deadlineSeconds, (until - performance.now()) / 1000);
    const address = new URL(path, url);
    const headers = {
      authorization: `Basic ${Buffer.from(`admin:${this.#password}`).toString("base64")}`,
      // Lectern's sites refuse admin requests that come from another site.
      origin: address.origin,
    };
    const response = await fetchWhole(address, { ...request, headers, seconds, signal }).catch((error: unknown) => {
      throw this.#connectionFault(error, seconds);
    });
    if (response.status === 401) throw new AbortError(refused(url));
    if (response.status >= 300 && response.status < 400)
      throw new AbortError(redirected(url, response.headers.get("location")));
    return response;
  }

  #connectionFault(error: unknown, seconds: number): Error {
    const lasting = lastingFault(this.#options.url, error);
    if (lasting) return new AbortError(lasting);
    if (!isTimeout(error)) this.#lastReason = connectionReason(error);
    // The last try may be too short to fail on its own. Then report the previous try's reason.
    else if (seconds >= shortSeconds) this.#lastReason = undefined;
    return this.#lastReason === undefined
      ? new NoResponse(`no answer within ${seconds} s`)
      : new Error(this.#lastReason);
  }
}

/** There was no response within the time that the request had. */
class NoResponse extends Error {}

/** Logs in with the first password that the server takes, and reads its configuration. Throws CliError: 69, or 77 if it takes none. */
export async function logIn(
  passwords: Iterable<string>,
  options: Omit<ClientOptions, "password">,
): Promise<{ readonly client: OwncastClient; readonly password: string; readonly config: unknown }> {
  for (const password of passwords) {
    const client = new OwncastClient({ ...options, password });
    const config = await client.serverConfig().catch(unlessRefused);
    if (config !== undefined) return { client, password, config };
  }
  throw refused(options.url);
}

/** Takes an error: undefined if the server refused the password. Throws every other error again. */
export function unlessRefused(error: unknown): undefined {
  if (!(error instanceof CliError && error.exitCode === ExitCode.refused)) throw error;
}

/** Whether the server accepted the write. Only reading again shows the server's value. */
export const isAccepted = ({ status }: WriteResult): boolean => status >= 200 && status < 300;

/** Whether the response was lost, so that the effect of the write is unknown. */
export const isLost = ({ status }: WriteResult): boolean => status === 0;

const maxRounds = 3;

/**
 * Writes and reads again. If the connection was lost and the server does not have the value, writes once more, at most
 * three times in all. Resolves to the last response, and whether it is there.
 * @param isThere reads again; gets the response to the write
 */
export async function writeAndReadAgain(
  write: () => Promise<WriteResult>,
  isThere: (result: WriteResult) => Promise<boolean>,
): Promise<{ readonly result: WriteResult; readonly isDone: boolean }> {
  for (let round = 1; ; round++) {
    const result = await write();
    const isDone = await isThere(result);
    if (isDone || !isLost(result) || round === maxRounds) return { result, isDone };
  }
}

const ownAddress = "--url takes Owncast's own address, such as http://127.0.0.1:8080";

/** Accepts only a server's bare address. A text that may hold a password is not printed again. Throws CliError 64. */
export function ensureServerAddress(url: string): void {
  const wanted = "expected an address such as http://127.0.0.1:8080";
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliError(ExitCode.usage, `--url ${/[@?]/.test(url) ? "…" : url}: ${wanted}`);
  const { username, password, pathname, search, hash, host } = new URL(url);
  if (username !== "" || password !== "")
    throw new CliError(
      ExitCode.usage,
      `--url …@${host}: expected an address without user and password; everybody on this machine could read them there`,
      "put the admin password into the file that the seed names, in the folder of --secrets",
    );
  if (pathname !== "/" || search !== "" || hash !== "")
    throw new CliError(ExitCode.usage, `--url …${host}…: ${wanted}, with nothing after the port`);
}

const unreachable = (url: string, reason: string, cause?: unknown): CliError =>
  new CliError(
    ExitCode.unreachable,
    `${url}: ${reason}`,
    `is Owncast running there? ${ownAddress}; --deadline gives it more time to start`,
    { cause },
  );

const refused = (url: string): CliError =>
  new CliError(
    ExitCode.refused,
    `${url}: the admin password was refused`,
    "put the server's current password into admin-password in the secrets folder",
  );

/** Owncast's admin API never redirects. Names only the site, since the rest may hold a token. */
function redirected(url: string, location: string | null): CliError {
  const site = location && URL.canParse(location, url) ? ` to ${new URL(location, url).origin}` : "";
  return new CliError(ExitCode.unreachable, `${url}: redirects${site}, so it is not Owncast itself`, ownAddress);
}

/** A TLS fault that waiting does not mend: the password must not be sent. */
function lastingFault(url: string, cause: unknown): CliError | undefined {
  const fault = connectionError(url, cause);
  if (!(fault instanceof TlsError) || fault.lasting === undefined) return undefined;
  const remedy =
    fault.lasting === "no TLS"
      ? `begin it with http://; ${ownAddress}`
      : `${ownAddress}; or name the authority's file in the variable NODE_EXTRA_CA_CERTS`;
  return new CliError(ExitCode.unreachable, `${fault.message}; the password was not sent`, remedy, { cause });
}

/** The server's JSON is not Owncast's. `where` names the place and nothing that the server sent. */
export const notOwncast = (where: string, cause?: unknown): CliError =>
  new CliError(
    ExitCode.unreachable,
    `the server does not answer as Owncast does: ${where}`,
    "is --url Owncast's own address, and does Lectern know its version?",
    { cause },
  );

const longestMessageBody = 10_000;

/**
 * Owncast's message about a refused write. The body is one JSON object, two in a row, or empty: the first object's message
 * counts.
 */
export function readMessage(text: string): string {
  const body = text.slice(0, longestMessageBody);
  for (let end = body.indexOf("}"); end !== -1; end = body.indexOf("}", end + 1)) {
    try {
      const { message, error } = JSON.parse(body.slice(0, end + 1)) as { message?: unknown; error?: unknown };
      return String(message ?? error ?? "");
    } catch {
      // The first object does not end here yet.
    }
  }
  return "";
}
