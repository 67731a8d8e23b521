import { CliError, ExitCode } from "./errors.ts";

/** A whole number from the command line, within bounds. Throws CliError 64, which names `unit` and the bounds. */
export function readWhole(
  option: string,
  text: string,
  { min, max, unit }: { min: number; max: number; unit: string },
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new CliError(ExitCode.usage, `${option} ${text}: expected a whole number of ${unit} from ${min} to ${max}`);
}

/** A picture size from the command line, `1280x720`. Throws CliError 64. */
export function readSize(option: string, text: string): { width: number; height: number } {
  const [, width = 0, height = 0] = (/^(\d+)x(\d+)$/.exec(text) ?? []).map(Number);
  const isEven = width % 2 === 0 && height % 2 === 0;
  if (isEven && width >= 160 && width <= 3840 && height >= 90 && height <= 2160) return { width, height };
  throw new CliError(
    ExitCode.usage,
    `${option} ${text}: expected WIDTHxHEIGHT in even numbers, from 160x90 to 3840x2160, such as 1280x720`,
  );
}

/** `host:port:address` from the command line; an IPv6 address may stand in brackets. Throws CliError 64. */
export function readResolve(text: string): { host: string; port: number; address: string } {
  const [, host = "", port = "", bracketed, bare = ""] = /^([^:\s]+):(\d+):(?:\[([^\]\s]+)\]|(\S+))$/.exec(text) ?? [];
  if (host !== "" && Number(port) >= 1 && Number(port) <= 65_535)
    return { host, port: Number(port), address: bracketed ?? bare };
  throw new CliError(
    ExitCode.usage,
    `--resolve ${text}: expected host:port:address, such as live.example.org:443:127.0.0.1`,
  );
}

/** `host:port` from the command line; an IPv6 address stands in brackets. Throws CliError 64. */
export function readDoor(text: string): { host: string; port: number } {
  const [, bracketed, bare = "", port = ""] = /^(?:\[([^\]\s]+)\]|([^:\s]+)):(\d+)$/.exec(text) ?? [];
  if (Number(port) >= 1 && Number(port) <= 65_535) return { host: bracketed ?? bare, port: Number(port) };
  throw new CliError(ExitCode.usage, `--closed ${text}: expected host:port, such as live.example.org:8080`);
}

/** A port from the command line. Throws CliError 64. */
export function readPort(option: string, text: string): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) return Number(text);
  throw new CliError(ExitCode.usage, `${option} ${text}: expected a port from 1 to 65535`);
}

const week = 7 * 24 * 3600;

/** A duration in seconds from the command line, above 0 and at most `maxSeconds`. Throws CliError 64. */
export function readSeconds(option: string, text: string, maxSeconds = week): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= maxSeconds) return seconds;
  throw new CliError(ExitCode.usage, `${option} ${text}: expected a number of seconds above 0 and up to ${maxSeconds}`);
}
