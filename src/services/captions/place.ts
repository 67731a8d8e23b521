import { CliError, ExitCode } from "../../lib/errors.ts";
import { type HostPort, readPlace } from "../../lib/listen.ts";

/** A place to listen on, given to `option`. Throws CliError 64. */
export function placeOf(text: string, option: string): HostPort | { readonly path: string } {
  const place = readPlace(text);
  if (place) return place;
  throw new CliError(ExitCode.usage, `${option} ${text}: expected host:port or unix:<path>`);
}
