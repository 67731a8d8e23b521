import pRetry, { AbortError } from "p-retry";
import { CliError, ExitCode } from "../errors.ts";

/** What the admin API answered to a write. Success is decided by reading again, never by this alone. */
export interface WriteResult {
  /** HTTP's; 0 when the connection was lost and nobody knows what was done. */
  /** HTTP's; 0 when the connection was lost. */
  readonly status: number;
  /** Owncast's own words, if it had any. */
  readonly message: string;
}

export interface ClientOptions {
  /** Base address of Owncast, `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly password: string;
  /** When to stop retrying, in ms since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

const requestTimeoutMs = 15_000;

/** Owncast's admin API. Retries what a starting server cannot answer yet, until the deadline; a password never leaves it but in its header. */
export class OwncastClient {
  readonly #options: ClientOptions;
  #password: string;
  #hasAnswered = false;
  #lastReason: string | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#password = options.password;
  }

  /** Logs in with another password from now on. */
  usePassword(password: string): void {
    this.#password = password;
  }

  /** The running configuration. Throws CliError: 69 when nothing answers until the deadline, 77 when the password is refused. */
  async serverConfig(): Promise<unknown> {
    return this.read("/api/admin/serverconfig");
  }

  /** What an address of the server answers with, as JSON. Throws CliError as `serverConfig` does. */
  async read(path: string): Promise<unknown> {
    const response = await this.#request(path, {});
    if (response.status !== 200) throw this.#unreachable(`answered ${response.status} to ${path}`);
    try {
      return await response.json();
    } catch (error) {
      throw this.#unreachable("did not answer with JSON", error);
    }
  }

  /** The bytes of a file that the server shows to everybody; undefined when there is none. Throws CliError 69. */
  async readFile(path: string): Promise<Uint8Array | undefined> {
    const response = await this.#retry(path, {});
    if (response.status === 404) return undefined;
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw this.#unreachable(`broke off while it sent ${path}`, error);
    }
  }

  /**
   * Writes one setting. `null` is never sent: some endpoints take it as "wipe". A connection that stays lost gives status 0.
   * Throws CliError 77 when the password is refused.
   */
  async write(endpoint: string, value: unknown): Promise<WriteResult> {
    if (value === undefined || value === null) throw new Error(`${endpoint}: refusing to send an empty value`);
    const body = JSON.stringify({ value });
    try {
      return await resultOf(await this.#request(`/api/admin/config/${endpoint}`, { method: "POST", body }));
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== ExitCode.unreachable) throw error;
      return { status: 0, message: error.message };
    }
  }

  /**
   * Posts a value or a form below `/api/admin/`, once, for what must not be done twice. A connection that is lost gives
   * status 0: only reading tells then whether it was done. Throws CliError 77 when the password is refused.
   */
  async post(endpoint: string, body: unknown): Promise<WriteResult> {
    const content = body instanceof FormData ? body : JSON.stringify(body);
    try {
      return await resultOf(await this.#requestOnce(`/api/admin/${endpoint}`, { method: "POST", body: content }));
    } catch (error) {
      if (error instanceof AbortError) throw error.originalError;
      if (this.#options.signal?.aborted) throw error;
      return { status: 0, message: (error as Error).message };
    }
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    const response = await this.#retry(path, init);
    if (response.status === 404) throw this.#unreachable(`has no ${path}; is it Owncast?`);
    return response;
  }

  async #retry(path: string, init: RequestInit): Promise<Response> {
    const { url, signal } = this.#options;
    return pRetry(() => this.#requestOnce(path, init), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 50,
      factor: 1.5,
      maxTimeout: 1000,
      maxRetryTime: this.#remainingMs(),
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      if (error instanceof CliError || signal?.aborted) throw error;
      throw this.#unreachable((error as Error).message, error, url);
    });
  }

  async #requestOnce(path: string, init: RequestInit): Promise<Response> {
    const { url, signal } = this.#options;
    const timeout = AbortSignal.timeout(Math.min(requestTimeoutMs, this.#remainingMs()));
    const response = await fetch(new URL(path, url), {
      ...init,
      headers: { authorization: `Basic ${Buffer.from(`admin:${this.#password}`).toString("base64")}` },
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    }).catch((error: Error) => {
      // fetch hides the reason (ECONNREFUSED …) one level down.
      if (error.name !== "TimeoutError")
        this.#lastReason = (error.cause as Error | undefined)?.message ?? error.message;
      // The last try may get too little time to fail on its own: what the one before it said is the reason.
      throw new Error(this.#lastReason ?? "no answer in time", { cause: error });
    });
    this.#hasAnswered = true;
    if (response.status === 401) throw new AbortError(refused(url));
    if (response.status >= 502) throw new Error(`answered ${response.status}`);
    return response;
  }

  /** The deadline is for a server that has not answered yet; one that has gets the same time for each request. */
  #remainingMs(): number {
    return Math.max(1, this.#hasAnswered ? requestTimeoutMs : this.#options.deadline - Date.now());
  }

  #unreachable(reason: string, cause?: unknown, url = this.#options.url): CliError {
    return new CliError(
      ExitCode.unreachable,
      `${url}: ${reason}`,
      "is Owncast running there? --url wants its own address, such as http://127.0.0.1:8080; --deadline gives it longer to start",
      { cause },
    );
  }
}

const refused = (url: string): CliError =>
  new CliError(
    ExitCode.refused,
    `${url}: the admin password was refused`,
    "put the password that this server has now into admin-password in the secrets folder",
  );

/** Whether the server said yes; what it then has, only reading tells. */
export const accepted = ({ status }: WriteResult): boolean => status >= 200 && status < 300;

const resultOf = async (response: Response): Promise<WriteResult> => ({
  status: response.status,
  message: readMessage(await response.text()),
});

/** Owncast answers a refused write with one JSON object, with two in a row, or with nothing: the first object's message counts. */
export function readMessage(body: string): string {
  const [first = ""] = body.trim().split(/\n(?=\{)/);
  try {
    const { message, error } = JSON.parse(first) as { message?: unknown; error?: unknown };
    return String(message ?? error ?? "");
  } catch {
    return "";
  }
}
