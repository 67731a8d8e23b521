import { z } from "zod";
import { settings } from "../core/registry.ts";
import { secretRef } from "../core/secret-ref.ts";
import { text } from "../core/text.ts";
import { webAddress } from "../core/web-address.ts";

/** Arguments of a list's `.refine`: no two entries may have the same `key`, for by it they are told apart. */
const uniqueBy = <Key extends string>(key: Key) =>
  [
    (entries: readonly Readonly<Record<Key, unknown>>[]): boolean =>
      new Set(entries.map((entry) => JSON.stringify(entry[key]))).size === entries.length,
    { error: `expected each ${key} once` },
  ] as const;

/** The words for what can happen on a stage, and Owncast's for the same. */
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

/** The words for what a program may do with its token, and Owncast's for the same. */
export const scopeNames = {
  "send-messages": "CAN_SEND_MESSAGES",
  "send-system-messages": "CAN_SEND_SYSTEM_MESSAGES",
  admin: "HAS_ADMIN_ACCESS",
} as const;
const scopeWords = Object.keys(scopeNames) as (keyof typeof scopeNames)[];

const onlyOnce = (words: readonly string[]): boolean => new Set(words).size === words.length;

const webhook = z.strictObject({
  /**
   * Where Owncast posts the event: an address, or `{ secret: … }` with the name of the secret that holds it. Everybody can read a
   * stage file and the Nix store: an address with a password or a token in it belongs in a secret.
   * @example https://automation.example.org/stage
   */
  url: z.union([webAddress(), secretRef]),
  /**
   * What it is told of.
   * @example [stream-started, stream-stopped]
   */
  events: z
    .array(z.enum(eventWords))
    .min(1)
    .max(eventWords.length)
    .refine(onlyOnce, { error: "expected each event once" }),
});

/**
 * Addresses of programs that are told what happens on the stage; each is known by its `url`. If Owncast cannot reach one, its log
 * holds the whole address.
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
     * Whether webhooks that are not in the list are removed. Without it they stay, and are named.
     * @example true
     */
    prune: z.boolean().exactOptional(),
  })
  .register(settings, { resource: "webhooks", takesEffect: "live", ownDefault: { says: "none" }, secret: true });

const accessToken = z.strictObject({
  /**
   * The program's name: in the chat, and of the file in which its token is left for it.
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
   * What it may do.
   * @example [send-messages]
   */
  scopes: z
    .array(z.enum(scopeWords))
    .min(1)
    .max(scopeWords.length)
    .refine(onlyOnce, { error: "expected each scope once" }),
});

/**
 * Programs that may use Owncast's interface, each known by its `name`. Owncast makes the token; it is left in
 * `tokens/<name>` of the state folder, for its owner alone. Other scopes for a name mean another token.
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
     * Whether tokens that are not in the list are revoked. Without it they stay, and are named.
     * @example true
     */
    prune: z.boolean().exactOptional(),
  })
  .register(settings, { resource: "accessTokens", takesEffect: "live", ownDefault: { says: "none" } });

/** Other programs: which are told of events, and which may do something themselves. */
export const integrations = z.strictObject({
  webhooks: webhooks.exactOptional(),
  accessTokens: accessTokens.exactOptional(),
});
