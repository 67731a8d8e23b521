import type { Field } from "../schema/core/fields.ts";
import { banner } from "./banner.ts";
import { nixComment, nixString } from "./nix-syntax.ts";

/** The settings that not every Owncast knows, with the version that brought each: `{ "chat.x" = "0.2.5"; }`. */
export function emitSinceNix(fields: readonly Field[]): string {
  const entries = fields.flatMap(({ path, meta }) => ("since" in meta ? [{ path, since: meta.since }] : []));
  return [
    ...banner("codegen/schema/").flatMap(nixComment),
    "{",
    ...entries.map(({ path, since }) => `  ${nixString(path)} = ${nixString(since)};`),
    "}",
    "",
  ].join("\n");
}
