import { z } from "zod";
import { type SecretLookup, type SecretNaming, settings, withoutEmpty } from "../core/registry.ts";
import { secretRef } from "../core/secret-ref.ts";
import { text } from "../core/text.ts";

/**
 * The message that is sent when the stream starts.
 * @example The lecture has begun.
 */
const goLiveMessage = text({ max: 300, multiline: true });

const discordChannel = z.strictObject({
  /**
   * Whether the channel gets a message when the stream starts.
   * @example true
   */
  enabled: z.boolean(),
  /**
   * The channel's webhook address, by the name of its secret: everybody who has the address can write there.
   * @example { secret: discord-webhook }
   */
  webhook: secretRef.exactOptional(),
  goLiveMessage: goLiveMessage.exactOptional(),
});

/**
 * A Discord channel that gets a message when the stream starts. It is replaced as a whole.
 * @example { enabled: true, webhook: { secret: discord-webhook }, goLiveMessage: The lecture has begun. }
 */
const discord = discordChannel
  .refine(({ enabled, webhook }) => !enabled || webhook !== undefined, {
    error: "expected webhook, because enabled is true",
  })
  .register(settings, {
    write: "notifications/discord",
    read: "/notifications/discord",
    takesEffect: "next-stream",
    ownDefault: { value: { enabled: false } },
    secret: true,
    encode: ({ enabled, webhook, goLiveMessage = "" }: z.output<typeof discordChannel>, reveal: SecretLookup) => ({
      enabled,
      webhook: webhook ? reveal(webhook.secret) : "",
      goLiveMessage,
    }),
    decode: ({ webhook, ...rest }: Readonly<Record<string, unknown>>, nameSecret: SecretNaming) => ({
      ...rest,
      ...(typeof webhook === "string" && {
        webhook: nameSecret({
          name: "discord-webhook",
          holds: "the webhook address of the Discord channel",
          value: webhook,
        }),
      }),
    }),
    normalise: withoutEmpty,
  });

const browserPush = z.strictObject({
  /**
   * Whether the page offers notifications.
   * @example false
   */
  enabled: z.boolean(),
  goLiveMessage: goLiveMessage.exactOptional(),
});

/**
 * Notifications in the browsers of viewers who ask for them on the page. They are replaced as a whole.
 * @example { enabled: false }
 */
const browser = browserPush.register(settings, {
  write: "notifications/browser",
  read: "/notifications/browser",
  takesEffect: "live",
  ownDefault: { value: { enabled: true, goLiveMessage: "I've gone live!" } },
  encode: ({ enabled, goLiveMessage = "" }: z.output<typeof browserPush>) => ({ enabled, goLiveMessage }),
  normalise: withoutEmpty,
});

/** Who is told when the stream starts. */
export const notifications = z.strictObject({ discord: discord.exactOptional(), browser: browser.exactOptional() });
