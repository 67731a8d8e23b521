import pRetry, { AbortError } from "p-retry";
import { isTimeout, reasonOf } from "../../lib/error-cause.ts";
import { CliError } from "../../lib/errors.ts";
import { told } from "../../lib/requests.ts";
import { bodyOf } from "../../lib/response-body.ts";
import { withinSeconds } from "../../lib/time-limit.ts";
import { lastingFault, redirected, refused, unreachable } from "./connection-faults.ts";

/** What the admin API answered to a write. Success is decided by reading again, never by this alone. */
export interface WriteResult {
  /** HTTP's; 0 when the connection was lost and nobody knows what was done. */
  readonly status: number;
  /** Owncast's own words, if it had any. */
  readonly message: string;
}

export interface ClientOptions {
  /** Base address of Owncast, `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly password: string;
  /** How long a read waits for a server that does not answer: at the start, and each time that it is gone later on. */
  readonly deadlineSeconds: number;
  readonly signal?: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const requestSeconds = 15;
// A time-out after less than this tells nothing of the server.
const shortSeconds = 1;

/** Owncast's admin API. A password never leaves it but in its header. */
export class OwncastClient {
  readonly #options: ClientOptions;
  #password: string;
  #lastReason: string | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#password = options.password;
  }

  /** Logs in with another password from now on. */
  usePassword(password: string): void {
    this.#password = password;
  }

  /**
   * The running configuration. Throws CliError: 69 when nothing answers until the deadline or something that cannot be
   * Owncast does, 77 when the password is refused.
   */
  async serverConfig(): Promise<unknown> {
    return this.read("/api/admin/serverconfig");
  }

  /** What an address of the server answers with, as JSON. Throws CliError as `serverConfig` does. */
  async read(path: string): Promise<unknown> {
    const { url } = this.#options;
    const { status, body } = await this.#untilAnswered(path);
    if (status === 404) throw unreachable(url, `has no ${path}; is it Owncast?`);
    if (status !== 200) throw unreachable(url, `answered ${status} to ${path}`);
    try {
      return JSON.parse(new TextDecoder().decode(body));
    } catch (error) {
      throw unreachable(url, "did not answer with JSON", error);
    }
  }

  /** A server that says the log-in back says nothing that anybody should read. */
  #withoutLogin(message: string): string {
    const login = Buffer.from(`admin:${this.#password}`).toString("base64");
    return message.includes(login) || message.includes(this.#password) ? "" : message;
  }

  /** The bytes of a file that the server shows to everybody; undefined when there is none. Throws CliError 69. */
  async readFile(path: string): Promise<Uint8Array | undefined> {
    const { status, body } = await this.#untilAnswered(path);
    return status === 404 ? undefined : body;
  }

  /** Writes one setting, once, as `post` does. `null` is never sent: some endpoints take it as "wipe". */
  async write(endpoint: string, value: unknown): Promise<WriteResult> {
    if (value === undefined || value === null) throw new Error(`${endpoint}: refusing to send an empty value`);
    return this.post(`config/${endpoint}`, { value });
  }

  /**
   * Posts a value or a form below `/api/admin/`, once. A connection that is lost gives status 0: only reading tells then
   * whether it was done. Throws CliError 77 when the password is refused.
   */
  async post(endpoint: string, body: unknown): Promise<WriteResult> {
    const content = body instanceof FormData ? body : JSON.stringify(body);
    try {
      const answer = await this.#once(`/api/admin/${endpoint}`, { method: "POST", body: content });
      // A proxy says so of a server that is gone, which may have done it or not.
      const lost = answer.status >= 502 && answer.status <= 504;
      if (lost) return { status: 0, message: `answered ${answer.status}` };
      return { status: answer.status, message: this.#withoutLogin(readMessage(new TextDecoder().decode(answer.body))) };
    } catch (error) {
      if (error instanceof AbortError) throw error.originalError;
      if (this.#options.signal?.aborted) throw error;
      return { status: 0, message: reasonOf(error) };
    }
  }

  /** Reads, again and again while the server is not there or not whole. */
  async #untilAnswered(path: string): Promise<Answer> {
    const { url, signal, deadlineSeconds } = this.#options;
    const until = performance.now() + deadlineSeconds * 1000;
    const read = async (): Promise<Answer> => {
      const answer = await this.#once(path, {}, until);
      this.#lastReason = answer.status >= 500 ? `answered ${answer.status} to ${path}` : undefined;
      if (this.#lastReason !== undefined) throw new Error(this.#lastReason);
      return answer;
    };
    return pRetry(read, {
      retries: Number.POSITIVE_INFINITY,
      // Short against what has been waited so far: a server that has just come up is seen soon.
      minTimeout: 20,
      factor: 1.1,
      maxTimeout: 1000,
      maxRetryTime: deadlineSeconds * 1000,
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      if (error instanceof CliError || signal?.aborted) throw error;
      const reason = error instanceof NoAnswer ? `no answer within ${deadlineSeconds} s` : reasonOf(error);
      throw unreachable(url, reason, error);
    });
  }

  /** One request with its whole answer. Throws AbortError around a CliError where another try would end the same. */
  async #once(path: string, init: RequestInit, until = Number.POSITIVE_INFINITY): Promise<Answer> {
    const { url, signal, deadlineSeconds } = this.#options;
    const limit = Math.min(requestSeconds, deadlineSeconds, (until - performance.now()) / 1000);
    const address = new URL(path, url);
    const headers = {
      authorization: `Basic ${Buffer.from(`admin:${this.#password}`).toString("base64")}`,
      // Lectern's Caddy wants to know that no other site asks.
      origin: address.origin,
    };
    const asked = (limited: AbortSignal) =>
      told(init.method, address, () => fetch(address, { ...init, headers, redirect: "manual", signal: limited }));
    const answer = await withinSeconds(limit, signal, async (limited) => {
      const response = await asked(limited);
      return { response, body: await bodyOf(response, limited) };
    }).catch((error: unknown) => {
      throw this.#connectionError(error, limit);
    });
    const { status } = answer.response;
    if (status === 401) throw new AbortError(refused(url));
    if (status >= 300 && status < 400) throw new AbortError(redirected(url, answer.response.headers.get("location")));
    return { status, body: answer.body };
  }

  #connectionError(error: unknown, limit: number): Error {
    const lasting = lastingFault(this.#options.url, error);
    if (lasting) return new AbortError(lasting);
    if (!isTimeout(error)) this.#lastReason = reasonOf(error);
    // The last try may get too little time to fail on its own: what the one before it said is the reason.
    else if (limit >= shortSeconds) this.#lastReason = undefined;
    return this.#lastReason === undefined ? new NoAnswer(`no answer within ${limit} s`) : new Error(this.#lastReason);
  }
}

/** Nothing came for as long as the request was given. */
class NoAnswer extends Error {}

/** Whether the server said yes; what it then has, only reading tells. */
export const accepted = ({ status }: WriteResult): boolean => status >= 200 && status < 300;

/** Whether nobody knows what became of a write. */
export const lost = ({ status }: WriteResult): boolean => status === 0;

const longestAnswer = 10_000;

/** Owncast answers a refused write with one JSON object, with two in a row, or with nothing: the first object's message counts. */
export function readMessage(answer: string): string {
  const body = answer.slice(0, longestAnswer);
  for (let end = body.indexOf("}"); end !== -1; end = body.indexOf("}", end + 1)) {
    try {
      const { message, error } = JSON.parse(body.slice(0, end + 1)) as { message?: unknown; error?: unknown };
      return String(message ?? error ?? "");
    } catch {
      // Not the end of the first object yet.
    }
  }
  return "";
}
