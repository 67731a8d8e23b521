import { z } from "zod";

/** When a new value reaches viewers: at once, or when the next publisher connects. */
export type TakesEffect = "live" | "next-stream";

/** Looks a secret's value up by its name. */
export type SecretLookup = (name: string) => string;

/** A secret that was found on a server. */
export interface FoundSecret {
  /** The name for it; a number is added if that name is taken. */
  readonly name: string;
  /** Its description for the person who provides its file: "the stream key commented “moderator”". */
  readonly holds: string;
  /** Never to be shown. */
  readonly value: string;
}

/** Replaces a secret's value by its name in the form of a stage file. */
export type SecretNaming = (found: FoundSecret) => { readonly secret: string };

/**
 * Owncast's default as a seed says it. If a seed cannot say it: the value that reads back, and a text for a
 * person. `sha256` has the hexadecimal hashes of Owncast's own texts and pictures that are too large to
 * stand here.
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
  /** The value of a fresh Owncast. It is documentation and never applied. */
  readonly ownDefault: OwnDefault;
  /** First Owncast release that has it, if that is newer than 0.2.4. */
  readonly since?: string;
}

/** A setting that is one value of Owncast's configuration: written to one endpoint, read back in one place. */
export interface ConfigMeta extends CommonOwncastMeta {
  readonly resource?: never;
  /** Endpoint below `/api/admin/config/`. */
  readonly write: string;
  /**
   * JSON pointer into `GET /api/admin/serverconfig`; null if the server returns nothing to compare (the admin
   * password).
   */
  readonly read: string | null;
  /**
   * The value that a missing place stands for. Without it, a missing place means that the server does not have the
   * setting.
   */
  readonly absentMeans?: unknown;
  /** Encodes the seed's value in the form that Lectern sends to Owncast. */
  readonly encode?: (value: never, secret: SecretLookup) => unknown;
  /** For plans: Owncast's value in the seed's words. Without it, the value is shown as it is. */
  readonly show?: (value: never) => unknown;
  /** For export: the normalised value as a stage file says it. Without it, `show` is used, else the value as it is. */
  readonly decode?: (value: never, nameSecret: SecretNaming) => unknown;
  /** Brings a sent value and a returned value into one form, so that they can be compared. */
  readonly normalise?: (value: never) => unknown;
}

/** A setting that lies outside the configuration: pictures, webhooks, access tokens. */
export interface ResourceMeta extends CommonOwncastMeta {
  readonly write?: never;
  /** The kind's name in `src/owncast/resources`. A file there reads, writes and exports it. */
  readonly resource: string;
}

/** A setting that Owncast has. Measured on a real server. */
export type OwncastMeta = ConfigMeta | ResourceMeta;

/** A setting of the stage that Owncast does not know: Lectern's own services read it from the seed. */
export interface StageMeta extends CommonMeta {
  readonly write?: never;
  readonly resource?: never;
  /** The stage's behaviour if its file leaves the setting out, in Markdown. */
  readonly leftOut: string;
}

/** All data about a setting except its type. `write` and `resource` distinguish the three forms. */
export type SettingMeta = OwncastMeta | StageMeta;

/**
 * Every setting's metadata. Register a leaf last: `.min()` keeps a registration, but a later wrapper such as
 * `.optional()` loses it.
 */
export const settings = z.registry<SettingMeta>();

/** Owncast leaves empty texts out of its response, so both sides of a comparison leave them out. */
export const withoutEmpty = (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== ""));
