import { codeOf, fileFault } from "./error-cause.ts";
import { readAtMost } from "./small-file.ts";

/** Owncast's default for both the admin password and the stream key; everybody knows it. */
export const publicDefault = "abc123";

// Longer than any password manager makes, and shorter than any camera cuts off.
const maxBytes = 512;
// A wrong file is not read whole.
const maxFileBytes = 64 * 1024;

/** A file without a usable secret. The message follows the file's name and never holds the value. */
export class SecretFault extends Error {
  override readonly name = "SecretFault";
  /** The system's code if the file could not be read. */
  readonly code: string;
  constructor(message: string, code = "") {
    super(message);
    this.code = code;
  }
}

/**
 * The secret in a file, as a person sees it: in UTF-8, without a byte order mark and without line ends after it. Every secret
 * that people give is read here. Throws SecretFault if the file or the value cannot be used; see `secretFault`.
 */
export async function readSecretFile(file: string, options: SecretRules = {}): Promise<string> {
  const value = textOf(await readBytes(file));
  const fault = secretFault(value, options);
  if (fault !== undefined) throw new SecretFault(fault);
  return value;
}

/** Exceptions for one kind of secret from the rules for all. */
export interface SecretRules {
  /** It is for a log-in to a server that may still have the public default. */
  readonly mayBePublic?: boolean;
}

/**
 * Why no secret may have this value, in words that follow its name; undefined if it may. A secret is 1 to 512 bytes of text
 * that people can see and type, on one line, in any language, including `?`, `%`, `#` and `&`.
 */
export function secretFault(value: string, { mayBePublic = false }: SecretRules = {}): string | undefined {
  if (value === "") return "is empty; with an empty secret anybody could get in";
  if (value === publicDefault && !mayBePublic) return "holds Owncast's default, which everybody knows";
  if (Buffer.byteLength(value) > maxBytes) return `is longer than ${maxBytes} bytes; is it the right file?`;
  if (/\p{Cc}/u.test(value)) return "holds a line break or control character; a secret is one line";
  if (/\p{Cf}|\p{Zl}|\p{Zp}|\uFFFD/u.test(value))
    return "holds an invisible character, often from a copied web page: type it again";
  if (/^\s+$/u.test(value)) return "holds only spaces";
  // OBS, browsers and people cut these off.
  if (/^\s|\s$/u.test(value)) return "begins or ends with a space, which OBS and others cut off: remove it";
  if (/(?! )\p{Zs}/u.test(value))
    return "holds a space that is not the space bar's, often from a copied web page: type it again";
  // Keyboards make one form and copied file names the other. They look the same and differ.
  if (value !== value.normalize("NFC")) return "holds a letter with its accent as a separate character: type it again";
  return undefined;
}

async function readBytes(file: string): Promise<Uint8Array> {
  const bytes = await readAtMost(file, maxFileBytes + 1).catch((error: unknown) => {
    throw unreadable(error);
  });
  if (bytes.length > maxFileBytes) throw new SecretFault("is too long for a secret; is it the right file?");
  return bytes;
}

const unreadableWords: Readonly<Record<string, string>> = { ENOENT: "no such file", EISDIR: "is a folder" };

function unreadable(error: unknown): SecretFault {
  const code = codeOf(error);
  return new SecretFault(unreadableWords[code] ?? `cannot be read (${fileFault(error)})`, code);
}

const startsWith = (bytes: Uint8Array, ...mark: number[]): boolean => mark.every((byte, at) => bytes[at] === byte);

/** The text as a person sees it in an editor. Throws SecretFault for bytes that are no UTF-8. */
function textOf(bytes: Uint8Array): string {
  if (startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0xfe, 0xff))
    throw new SecretFault("is in UTF-16; save it as UTF-8 without BOM");
  if (bytes.includes(0)) throw new SecretFault("holds zero bytes: it is no text, or is in UTF-16; save it as UTF-8");
  try {
    // Drops the BOM of UTF-8.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/[\r\n]+$/, "");
  } catch {
    throw new SecretFault("is not in UTF-8 (in Latin-1, perhaps); save it as UTF-8");
  }
}
