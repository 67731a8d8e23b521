import { printable } from "./printable.ts";

/**
 * One fault in a person's file. `line` and `column` count from 1, columns in characters (code points, so that an emoji
 * is one, as in the limits of texts); `path` is dotted, `""` for the whole document.
 */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  /** The fault, and the expected form. */
  readonly message: string;
}

/** The user's file is wrong. Carries every problem found, one line each in the message. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/** `file:line:column: path: message`; without a path, the fault is the document's. */
export const formatProblem = ({ file, line, column, path, message }: Problem): string =>
  `${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message}`;

/** A path as people write it: `video.ladder[2].width`; a key that is ambiguous or would break the line is quoted. */
export const formatPath = (path: readonly PropertyKey[]): string =>
  path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${formatKey(String(key))}`))
    .join("");

const formatKey = (key: string): string => (/^[\p{L}\p{N}_$-]{1,60}$/u.test(key) ? key : printable(key));
