import { CliError, ExitCode } from "./errors.ts";

const week = 7 * 24 * 3600;

/** A length of time in seconds from the command line, above 0 and at most `maxSeconds`. Throws CliError 64. */
export function readSeconds(option: string, text: string, maxSeconds = week): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= maxSeconds) return seconds;
  throw new CliError(ExitCode.usage, `${option} ${text}: expected a number of seconds above 0 and up to ${maxSeconds}`);
}
