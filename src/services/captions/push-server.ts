import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { captionsTokenName } from "../../../codegen/schema/core/secret-ref.ts";
import { languagePattern } from "../../lib/captions-tracks.ts";
import { listenAt } from "../../lib/listen.ts";
import { monotonicMs } from "../../lib/monotonic.ts";
import { readSecretFile } from "../../lib/secret-file.ts";
import { addressOf, WrongKeys } from "../../lib/strangers.ts";
import { placeOf } from "./place.ts";
import type { PushInbox, PushResult } from "./push-source.ts";
import { RequestRate } from "./request-rate.ts";

const mostBytes = 2048;
const mostLines = 10;
const limits = { requestTimeout: 10_000, headersTimeout: 5000, keepAliveTimeout: 60_000, maxHeaderSize: 8192 };
const mostConnections = 64;
const burst = 20;
const perSecond = 5;
/** A right token is taken from every address, so no token may be one that can be guessed. */
const leastTokenBytes = 16;
const tooManyWrong = "too many wrong tokens came from this address: compare the token with the stage's secret";
const path = new RegExp(`^/captions/(${languagePattern})$`);

export interface PushServerOptions {
  /** host:port or unix:<path>; the stage's front passes requests on to it. */
  readonly address: string;
  readonly inboxes: ReadonlyMap<string, PushInbox>;
  /** The folder with a `captions-token-<language>` for each inbox. It is read for each request. */
  readonly secrets: string;
  readonly say: (line: string) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** A server that can be stopped. */
export interface CaptionsServer {
  stop(): Promise<void>;
}

/** A response: what happened, for a captioner's program. `error` is for the captioner, and says what to do. */
export interface PushAnswer extends Partial<PushResult> {
  readonly error?: string;
}

/** Takes captioners' text: `POST /captions/<language>`. Throws CliError if it cannot listen. */
export async function startPushServer({ address, ...options }: PushServerOptions): Promise<CaptionsServer> {
  const door = new PushDoor(options);
  const server: Server = createServer(limits, (request, response) => void door.answer(request, response));
  server.maxConnections = mostConnections;
  await listenAt(server, placeOf(address, "--listen"), address);
  return {
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Why a request gets nothing else. */
class Refused extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, error: string, headers: Readonly<Record<string, string>> = {}) {
    super(error);
    this.status = status;
    this.headers = headers;
  }
}

class PushDoor {
  readonly #options: Omit<PushServerOptions, "address">;
  readonly #rates: ReadonlyMap<string, RequestRate>;
  readonly #wrong: WrongKeys;
  #said = "";

  constructor(options: Omit<PushServerOptions, "address">) {
    this.#options = options;
    this.#wrong = new WrongKeys(options.now ?? monotonicMs);
    this.#rates = new Map([...options.inboxes.keys()].map((language) => [language, new RequestRate(burst, perSecond)]));
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { inbox, lines } = await this.#linesOf(request);
      const result = inbox.put(lines);
      // Without a line a captioner only says that it is there.
      const refused = lines.length === 0 ? undefined : whyNot(result);
      send(response, refused?.status ?? 200, { ...result, ...(refused && { error: refused.message }) });
    } catch (error) {
      if (!(error instanceof Refused)) return void response.destroy();
      // The rest of the body is not read.
      send(response, error.status, { error: error.message }, { ...error.headers, Connection: "close" });
    }
  }

  async #linesOf(request: IncomingMessage): Promise<{ inbox: PushInbox; lines: readonly string[] }> {
    const [, language = ""] = path.exec(request.url ?? "") ?? [];
    const inbox = this.#options.inboxes.get(language);
    if (!inbox) throw new Refused(404, "no captioner writes this language here: check the language in the address");
    if (request.method !== "POST") throw new Refused(405, "send the text by POST", { Allow: "POST" });
    await this.#authorise(request, language);
    if (this.#rates.get(language)?.take() === false)
      throw new Refused(429, `more than ${perSecond} requests a second: send whole lines`, { "Retry-After": "1" });
    return { inbox, lines: await readLines(request) };
  }

  async #authorise(request: IncomingMessage, language: string): Promise<void> {
    const [, given = ""] = /^Bearer +(\S.*)$/i.exec(request.headers.authorization ?? "") ?? [];
    const wanted = await this.#tokenOf(language);
    // Header values are bytes; a token may have other letters.
    const bytes = Buffer.from(given, "latin1");
    if (timingSafeEqual(digest(bytes), digest(Buffer.from(wanted)))) return;
    // A captioner may share an address with a stranger. So this is asked last, and no answer waits: waiting ones would take all connections.
    if (this.#wrong.count(addressOf(request)) === undefined)
      throw new Refused(429, tooManyWrong, { "Retry-After": "10" });
    throw new Refused(401, "the token is wrong: compare it with the stage's secret", { "WWW-Authenticate": "Bearer" });
  }

  async #tokenOf(language: string): Promise<string> {
    const file = join(this.#options.secrets, captionsTokenName(language));
    try {
      const token = await readSecretFile(file);
      if (Buffer.byteLength(token) < leastTokenBytes)
        throw new Error(`is shorter than ${leastTokenBytes} bytes, and could be guessed: make another one`);
      return token;
    } catch (error) {
      const line = `${file}: ${(error as Error).message}`;
      if (line !== this.#said) this.#options.say(line);
      this.#said = line;
      throw new Refused(503, "this server has no token for the language: ask its operator");
    }
  }
}

const digest = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

function whyNot({ live, full }: PushResult): Refused | undefined {
  if (!live) return new Refused(409, "the stage is off air: nobody sees captions now, and the text was not kept");
  return full ? new Refused(429, "too many lines wait to be shown: wait some seconds") : undefined;
}

/** The lines of a request's body. Throws Refused. */
async function readLines(request: IncomingMessage): Promise<string[]> {
  const { "content-type": type = "", "content-encoding": coding = "identity" } = request.headers;
  if (coding !== "identity") throw new Refused(415, "send the text without compression");
  if (!/^text\/plain\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type))
    throw new Refused(415, "send the text as Content-Type: text/plain; charset=utf-8");
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > mostBytes) throw new Refused(413, `the text has more than ${mostBytes} bytes: send it in parts`);
    parts.push(part);
  }
  const lines = decoded(Buffer.concat(parts))
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .filter((line) => line.trim() !== "");
  if (lines.length > mostLines) throw new Refused(413, `the text has more than ${mostLines} lines: send it in parts`);
  return lines;
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refused(400, "the text is not UTF-8");
  }
}

function send(
  response: ServerResponse,
  status: number,
  answer: PushAnswer,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = `${JSON.stringify(answer)}\n`;
  response.writeHead(status, {
    ...{ "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" },
    ...{ "Content-Length": Buffer.byteLength(text), ...headers },
  });
  response.end(text);
}
