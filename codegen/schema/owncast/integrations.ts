import { z } from "zod";
import { settings } from "../core/registry.ts";
import { secretRef } from "../core/secret-ref.ts";
import { text } from "../core/text.ts";
import { webAddress } from "../core/web-address.ts";

/** Arguments of a list's `.refine`: no two entries may have the same `key`, which identifies them. */
const uniqueBy = <Key extends string>(key: Key) =>
  [
    (entries: readonly Readonly<Record<Key, unknown>>[]): boolean =>
      new Set(entries.map((entry) => JSON.stringify(entry[key]))).size === entries.length,
    { error: `expected each ${key} once` },
  ] as const;

/** The words for events on a stage, each with Owncast's own word. */
export const eventNames = {
  "chat-message": "CHAT",
  "name-changed": "NAME_CHANGE",
  "user-joined": "USER_JOINED",
  "user-left": "USER_PARTED",
  "stream-started": "STREAM_STARTED",
  "stream-stopped": "STREAM_STOPPED",
  "stream-title-changed": "STREAM_TITLE_UPDATED",
  "message-visibility-changed": "VISIBILITY-UPDATE",
  "fediverse-follow": "FEDIVERSE_ENGAGEMENT_FOLLOW",
} as const;
const eventWords = Object.keys(eventNames) as (keyof typeof eventNames)[];

/** The words for the permissions of a program's token, each with Owncast's own word. */
export const scopeNames = {
  "send-messages": "CAN_SEND_MESSAGES",
  "send-system-messages": "CAN_SEND_SYSTEM_MESSAGES",
  admin: "HAS_ADMIN_ACCESS",
} as const;
const scopeWords = Object.keys(scopeNames) as (keyof typeof scopeNames)[];

const onlyOnce = (words: readonly string[]): boolean => new Set(words).size === words.length;

const webhook = z.strictObject({
  /**
   * Where Owncast posts the event: an address, or `{ secret: … }` with the name of the secret that holds it. Everybody
   * can read a stage file and the Nix store: an address with a password or a token in it belongs in a secret.
   * @example https://automation.example.org/stage
   */
  url: z.union([webAddress(), secretRef]),
  /**
   * The events that Owncast posts.
   * @example [stream-started, stream-stopped]
   */
  events: z
    .array(z.enum(eventWords))
    .min(1)
    .max(eventWords.length)
    .refine(onlyOnce, { error: "expected each event once" }),
});

/**
 * Addresses to which Owncast posts what happens on the stage, each known by its `url`. If Owncast cannot reach one, its
 * log shows the whole address.
 * @example { list: [{ url: "https://automation.example.org/stage", events: [stream-started, stream-stopped] }] }
 */
const webhooks = z
  .strictObject({
    /**
     * The addresses.
     * @example [{ url: "https://automation.example.org/stage", events: [stream-started, stream-stopped] }]
     */
    list: z
      .array(webhook)
      .max(50)
      .refine(...uniqueBy("url")),
    /**
     * Whether to remove webhooks that are not in the list. Without it, `plan` and `apply` only name them.
     * @example true
     */
    prune: z.boolean().exactOptional(),
  })
  .register(settings, { resource: "webhooks", takesEffect: "live", ownDefault: { says: "none" }, secret: true });

const accessToken = z.strictObject({
  /**
   * The program's name in the chat. The file that holds its token has the same name.
   * @example scoreboard
   */
  name: text({
    min: 1,
    max: 30,
    pattern: {
      regex: /^[A-Za-z0-9](?:[A-Za-z0-9 _-]*[A-Za-z0-9])?$/u,
      says: "letters, digits, spaces, dashes and underscores",
    },
  }),
  /**
   * What the program may do.
   * @example [send-messages]
   */
  scopes: z
    .array(z.enum(scopeWords))
    .min(1)
    .max(scopeWords.length)
    .refine(onlyOnce, { error: "expected each scope once" }),
});

/**
 * Programs that may use Owncast's API, each known by its `name`. Owncast makes the token. Lectern writes it to
 * `tokens/<name>` in the state folder, and only that folder's owner can read it. If the scopes of a name change, it
 * gets a new token.
 * @example { list: [{ name: scoreboard, scopes: [send-messages] }] }
 */
const accessTokens = z
  .strictObject({
    /**
     * The programs.
     * @example [{ name: scoreboard, scopes: [send-messages] }]
     */
    list: z
      .array(accessToken)
      .max(50)
      .refine(...uniqueBy("name")),
    /**
     * Whether to revoke tokens that are not in the list. Without it, `plan` and `apply` only name them.
     * @example true
     */
    prune: z.boolean().exactOptional(),
  })
  .register(settings, { resource: "accessTokens", takesEffect: "live", ownDefault: { says: "none" } });

/** Other programs: those that get events, and those that may use Owncast's API. */
export const integrations = z.strictObject({
  webhooks: webhooks.exactOptional(),
  accessTokens: accessTokens.exactOptional(),
});
