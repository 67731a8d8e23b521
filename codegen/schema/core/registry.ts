import { z } from "zod";

/** When a written value reaches viewers: at once, or when the next publisher connects. */
export type TakesEffect = "live" | "next-stream";

/** Looks a secret's value up by its name. */
export type SecretLookup = (name: string) => string;

/** A secret that was found on a server. */
export interface FoundSecret {
  /** What it should be called; a number is added where that name is taken. */
  readonly name: string;
  /** What it is, for the person who provides its file: "the stream key commented “moderator”". */
  readonly holds: string;
  /** Never to be shown. */
  readonly value: string;
}

/** Takes a secret's value away and gives what a stage file says instead. */
export type SecretNaming = (found: FoundSecret) => { readonly secret: string };

/**
 * Owncast's default in the seed's own terms, or, where a seed could not say it, what reads back and how to tell a person.
 * `sha256` tells Owncast's own texts and pictures, by their bytes in hexadecimal, where they are too large to stand here.
 */
export type OwnDefault =
  | { readonly value: unknown }
  | { readonly readsBack?: unknown; readonly sha256?: readonly string[]; readonly says: string };

interface CommonMeta {
  readonly takesEffect: TakesEffect;
  /** The value, or a part of it, must never be shown. */
  readonly secret?: true;
}

interface CommonOwncastMeta extends CommonMeta {
  /** What a fresh Owncast has; documentation, never applied. */
  readonly ownDefault: OwnDefault;
  /** First Owncast release that has it, where that is newer than 0.2.4. */
  readonly since?: string;
}

/** A setting that is one value of Owncast's configuration: written to one endpoint, read back in one place. */
export interface ConfigMeta extends CommonOwncastMeta {
  readonly resource?: never;
  /** Endpoint below `/api/admin/config/`. */
  readonly write: string;
  /** JSON pointer into `GET /api/admin/serverconfig`; null where the server gives nothing to compare (the admin password). */
  readonly read: string | null;
  /** What it means that the server leaves the place out; without it, that the server does not have the setting. */
  readonly absentMeans?: unknown;
  /** The seed's value as Owncast is sent it. */
  readonly encode?: (value: never, secret: SecretLookup) => unknown;
  /** Owncast's value in the seed's words, where they differ; for plans. Left out: shown as it is. */
  readonly show?: (value: never) => unknown;
  /** What `normalise` makes of Owncast's value, as a stage file says it. Left out: as `show` does, else as it is. */
  readonly decode?: (value: never, nameSecret: SecretNaming) => unknown;
  /** Brings a sent and a read-back value to a form in which equal means equal. */
  readonly normalise?: (value: never) => unknown;
}

/** Things on the server that lie outside its configuration; each kind is listed, made and removed in its own way. */
export type Resource = "logo" | "favicon" | "webhooks" | "accessTokens" | "emoji";

/** A setting that is resources outside the configuration; src/owncast knows how to make each kind. */
export interface ResourceMeta extends CommonOwncastMeta {
  readonly write?: never;
  readonly resource: Resource;
}

/** A setting that Owncast has a place for. Measured on a real server. */
export type OwncastMeta = ConfigMeta | ResourceMeta;

/** A setting of the stage that Owncast knows nothing of: Lectern's own services read it from the seed. */
export interface StageMeta extends CommonMeta {
  readonly write?: never;
  readonly resource?: never;
  /** What a stage does whose file leaves the setting out, in Markdown. */
  readonly leftOut: string;
}

/** Everything about a setting that is not its type. `write` and `resource` tell the three forms apart. */
export type SettingMeta = OwncastMeta | StageMeta;

/** Every setting's metadata. Register a leaf last: `.min()` keeps a registration, a wrapper made afterwards loses it. */
export const settings = z.registry<SettingMeta>();

/** Owncast leaves empty texts out of what reads back: so do both sides of the comparison. */
export const withoutEmpty = (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== ""));
