import type { Assets } from "../../../codegen/schema/core/asset.ts";
import type { FoundSecret } from "../../../codegen/schema/core/registry.ts";

/** Something that a server has and a stage file may not say. */
export interface Refusal {
  /** Dotted, as people write it: `chat.forbiddenNames`. */
  readonly path: string;
  /** What is wrong with it, one line each. */
  readonly why: readonly string[];
  /** What the server has, in a stage file's words: secrets are names. Left out where it cannot be told apart from a secret. */
  readonly value?: unknown;
}

/** One setting as it was found on a server. */
export interface Reading {
  readonly path: string;
  /** In a stage file's words; absent where it is not to be said, and `remark` or `refused` tells why. */
  readonly value?: unknown;
  /** It is what a fresh Owncast has. */
  readonly isOwnDefault: boolean;
  /** Why there is nothing to say, for a person who asked for everything. */
  readonly remark?: string;
  readonly refused: readonly Refusal[];
  /** The secrets that the value names, by the names that they got. */
  readonly secrets: readonly FoundSecret[];
  /** The bytes of the files that the value names, by their paths in it. */
  readonly assets: Assets;
}

/** What is not known of a setting yet. */
export const unread = { isOwnDefault: false, refused: [], secrets: [], assets: new Map<string, Uint8Array>() } as const;

/** For a setting that the server does not have. */
export const lacking = (since: string | undefined): string =>
  `this Owncast does not have it${since ? `; it is there since ${since}` : ""}`;
