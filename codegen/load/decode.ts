import { ConfigError } from "./problem.ts";
import { TextPositions } from "./text-positions.ts";

/** The largest file that is read. The longest stage file that anybody needs is a tenth of it. */
export const maxBytes = 1_000_000;

/** A file's bytes as text without a byte order mark. Throws ConfigError, with the place, if they are not UTF-8 text. */
export function decode(file: string, bytes: Uint8Array): string {
  const refuse = (message: string, before = ""): never => {
    throw new ConfigError([{ file, ...new TextPositions(before).at(before.length), path: "", message }]);
  };
  if (bytes.length > maxBytes) refuse(`the file is larger than ${maxBytes} bytes; is it a stage file?`);
  const [first, second] = bytes;
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  // Without the mark, a text of Latin letters starts with a character that has one zero byte.
  if (hasMark || (bytes.length > 1 && (first === 0) !== (second === 0))) refuse("the file is UTF-16; save it as UTF-8");
  const lenient = new TextDecoder("utf-8").decode(bytes);
  const nul = lenient.indexOf("\0");
  if (nul >= 0) refuse("a NUL byte; is it a text file?", lenient.slice(0, nul));
  const wrong = firstWrong(lenient, bytes);
  if (wrong >= 0) refuse("this is not UTF-8; save the file as UTF-8", lenient.slice(0, wrong));
  return lenient;
}

/** Index of the first replacement character that stands for wrong bytes; -1 if there is none. */
function firstWrong(text: string, bytes: Uint8Array): number {
  let offset = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let counted = 0;
  for (let at = text.indexOf("\ufffd"); at >= 0; at = text.indexOf("\ufffd", at + 1)) {
    offset += Buffer.byteLength(text.slice(counted, at));
    counted = at;
    // A person may also have written the replacement character.
    if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf || bytes[offset + 2] !== 0xbd) return at;
  }
  return -1;
}
