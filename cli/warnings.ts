import type { Seed } from "../generated/seed.d.ts";

/** What a seed allows and its author would hardly want; one sentence each. */
export function warningsOf(seed: Seed): string[] {
  if (seed.instance?.pageText !== undefined) return [];
  return [
    "instance.pageText is not set: Owncast's own text makes every viewer's browser call two other sites; set it, even to \"\"",
  ];
}
