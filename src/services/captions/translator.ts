import { isAbsolute } from "node:path";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { isLoopback } from "../../lib/loopback.ts";
import { cleanText } from "./cue-text.ts";

/** Where sentences are translated. */
export type Translator =
  | { readonly kind: "server"; readonly url: URL; readonly isRemote: boolean }
  | { readonly kind: "command"; readonly program: string };

/** A translator at work. */
export interface TranslationService {
  /** Resolves to the translation, one line. Rejects with the reason: too late, garbage, gone. One call at a time. */
  translate(sentence: string): Promise<string>;
  stop(): Promise<void>;
}

/** How long a sentence may take. A later one would be shown beside another picture. */
export const translatesWithinMs = 10_000;
/** What a translator may say at all. */
export const mostAnswerBytes = 16_384;

const remote = "remote:";
const command = "command:";

/**
 * Reads a translator: `http://127.0.0.1:5000` of LibreTranslate on this host, `remote:https://…` of one elsewhere, or `command:/path` of
 * a program. Throws CliError 64, also if a server beyond this host is not declared as such: what is said on stage then leaves the host.
 */
export function readTranslator(text: string, option = "--translate"): Translator {
  const wrong = (what: string, remedy?: string) => new CliError(ExitCode.usage, `${option} ${text}: ${what}`, remedy);
  if (text.startsWith(command)) {
    const program = text.slice(command.length);
    if (isAbsolute(program)) return { kind: "command", program };
    throw wrong("expected the program's whole path", "write command:/path/to/program");
  }
  const isRemote = text.startsWith(remote);
  const address = isRemote ? text.slice(remote.length) : text;
  if (!/^https?:\/\//.test(address) || !URL.canParse(address))
    throw wrong("expected http://127.0.0.1:PORT, remote:https://HOST or command:/PATH");
  const url = new URL(address);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw wrong("expected an address without user, password, question mark and hash");
  const isHere = isLoopback(url.hostname);
  if (isHere || (isRemote && url.protocol === "https:")) return { kind: "server", url, isRemote: !isHere };
  if (isRemote) throw wrong("expected https:// for a server beyond this host");
  throw wrong(
    "what is said on stage would leave this host",
    `if it may, write ${remote}${address.replace(/^http:/, "https:")}`,
  );
}

/** Where the text goes, for an operator. */
export const goesTo = (translator: Translator): string =>
  translator.kind === "command"
    ? `the program ${translator.program}, on this host`
    : `${translator.url.origin}, ${translator.isRemote ? "beyond this host" : "on this host"}`;

/** A translator's text as one line. Throws if it is empty, or longer than a translation of the sentence can be. */
export function plausible(text: unknown, sentence: string): string {
  if (typeof text !== "string") throw new Error("its answer has no text");
  if (text.length > sentence.length * 6 + 200) throw new Error("its answer is much longer than the sentence");
  const line = cleanText(text);
  if (line === "") throw new Error("its answer is empty");
  return line;
}
