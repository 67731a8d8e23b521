import { z } from "zod";
import { settings } from "../core/registry.ts";
import { text } from "../core/text.ts";

/**
 * Whether people can follow the stage from the Fediverse. Needs the stage's public address.
 * @example false
 */
const enabled = z.boolean().register(settings, {
  write: "federation/enable",
  read: "/federation/enabled",
  takesEffect: "live",
  ownDefault: { value: false },
});

/**
 * Whether followers need approval, and only followers get the posts.
 * @example true
 */
const followersOnly = z.boolean().register(settings, {
  write: "federation/private",
  read: "/federation/isPrivate",
  takesEffect: "live",
  ownDefault: { value: false },
});

/**
 * Whether the chat announces who follows, likes or shares.
 * @example true
 */
const showEngagement = z.boolean().register(settings, {
  write: "federation/showengagement",
  read: "/federation/showEngagement",
  takesEffect: "live",
  ownDefault: { value: true },
});

/**
 * The account's name: the part before the stage's host name in `@name@host`.
 * @example lectures
 */
const username = text({
  min: 1,
  max: 30,
  pattern: { regex: /^[a-z0-9_]+$/u, says: "lower-case letters, digits and underscores" },
}).register(settings, {
  write: "federation/username",
  read: "/federation/username",
  takesEffect: "live",
  ownDefault: { value: "streamer" },
});

/**
 * The post that followers get when the stream starts; `""` for none.
 * @example The lecture has begun.
 */
const goLiveMessage = text({ max: 500, multiline: true }).register(settings, {
  write: "federation/livemessage",
  read: "/federation/goLiveMessage",
  takesEffect: "next-stream",
  ownDefault: { value: "I've gone live!" },
});

const domain = text({
  min: 3,
  max: 253,
  pattern: { regex: /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/u, says: "a host name in lower case, such as spam.example" },
});

/**
 * Servers whose users may not follow the stage. The list replaces Owncast's.
 * @example [spam.example]
 */
const blockedDomains = z
  .array(domain)
  .max(1000)
  .register(settings, {
    write: "federation/blockdomains",
    read: "/federation/blockedDomains",
    takesEffect: "live",
    ownDefault: { value: [] },
  });

/** The stage's account in the Fediverse (ActivityPub). */
export const federation = z.strictObject({
  enabled: enabled.exactOptional(),
  followersOnly: followersOnly.exactOptional(),
  showEngagement: showEngagement.exactOptional(),
  username: username.exactOptional(),
  goLiveMessage: goLiveMessage.exactOptional(),
  blockedDomains: blockedDomains.exactOptional(),
});
