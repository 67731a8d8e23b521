import { z } from "zod";
import { settings } from "../core/registry.ts";
import { text, trimmedText } from "../core/text.ts";
import { hostAddressOrEmpty } from "../core/web-address.ts";
import { emoji, emojiPaths } from "./emoji.ts";

/**
 * Whether viewers have a chat beside the video.
 * @example true
 */
const enabled = z.boolean().register(settings, {
  write: "chat/disable",
  read: "/chatDisabled",
  takesEffect: "live",
  ownDefault: { value: true },
  encode: (on: boolean) => !on,
  show: (off: boolean) => !off,
});

/**
 * The message that a viewer reads on joining the chat. It may not start or end with a space.
 * @example Questions are read out at the end.
 */
const welcomeMessage = trimmedText(2000).register(settings, {
  write: "welcomemessage",
  read: "/instanceDetails/welcomeMessage",
  takesEffect: "live",
  ownDefault: { value: "" },
});

/**
 * Whether the chat announces who joins.
 * @example false
 */
const joinMessages = z.boolean().register(settings, {
  write: "chat/joinmessagesenabled",
  read: "/chatJoinMessagesEnabled",
  takesEffect: "live",
  ownDefault: { value: true },
});

/**
 * Whether only people who have been in the chat for a while may write. It helps against crowds that come to disturb.
 * @example false
 */
const establishedUsersOnly = z.boolean().register(settings, {
  write: "chat/establishedusermode",
  read: "/chatEstablishedUserMode",
  takesEffect: "live",
  ownDefault: { value: false },
});

/**
 * Whether the chat slows down people who write too much.
 * @example true
 */
const spamProtection = z.boolean().register(settings, {
  write: "chat/spamprotectionenabled",
  read: "/chatSpamProtectionEnabled",
  takesEffect: "live",
  ownDefault: { value: true },
});

/**
 * Whether messages with slurs are held back.
 * @example true
 */
const slurFilter = z.boolean().register(settings, {
  write: "chat/slurfilterenabled",
  read: "/chatSlurFilterEnabled",
  takesEffect: "live",
  ownDefault: { value: false },
});

/**
 * Whether only viewers who logged in, by IndieAuth or the Fediverse, may write.
 * @example false
 */
const requireAuthentication = z.boolean().register(settings, {
  write: "chat/requireauthentication",
  read: "/chatRequireAuthentication",
  takesEffect: "live",
  since: "0.2.5",
  ownDefault: { value: false },
});

const userName = text({
  min: 1,
  max: 30,
  pattern: { regex: /^[^<>\s](?:[^<>]*[^<>\s])?$/u, says: "a name without < and >, and no spaces around it" },
});

/**
 * Names that nobody may take in the chat. The list replaces Owncast's and cannot be empty.
 * @example [owncast, admin, moderator]
 */
const forbiddenNames = z
  .array(userName)
  .min(1)
  .max(500)
  .register(settings, {
    write: "chat/forbiddenusernames",
    read: "/forbiddenUsernames",
    takesEffect: "live",
    ownDefault: { value: ["owncast", "operator", "admin", "system"] },
  });

/**
 * Newcomers get one of these names. Owncast ignores a list of fewer than ten; with `[]` it uses its own names.
 * @example [Ada, Alan, Barbara, Dennis, Donald, Edsger, Grace, Ken, Leslie, Tony]
 */
const suggestedNames = z
  .array(userName)
  .max(500)
  .refine((names) => names.length === 0 || names.length >= 10, {
    error: "expected no names, or at least 10 (Owncast ignores fewer)",
  })
  .register(settings, {
    write: "chat/suggestedusernames",
    read: "/suggestedUsernames",
    takesEffect: "live",
    ownDefault: { value: [] },
  });

/**
 * The host of the chat's websocket, if it is not the page's own: for example the origin server of a CDN that carries no
 * websockets. `""` means the page's own host. The page uses only the host name. It connects to `/ws` there, on the
 * page's own port, and by `wss://` if the page was loaded by https.
 * @example https://origin.example.org
 */
const socketHost = hostAddressOrEmpty().register(settings, {
  write: "sockethostoverride",
  read: "/socketHostOverride",
  absentMeans: "",
  takesEffect: "live",
  ownDefault: { value: "" },
});

const chat = z.strictObject({
  enabled: enabled.exactOptional(),
  welcomeMessage: welcomeMessage.exactOptional(),
  joinMessages: joinMessages.exactOptional(),
  establishedUsersOnly: establishedUsersOnly.exactOptional(),
  spamProtection: spamProtection.exactOptional(),
  slurFilter: slurFilter.exactOptional(),
  requireAuthentication: requireAuthentication.exactOptional(),
  forbiddenNames: forbiddenNames.exactOptional(),
  suggestedNames: suggestedNames.exactOptional(),
  socketHost: socketHost.exactOptional(),
});

/** The chat beside the video. Its emoji are files beside the stage file. */
export const chatStage = chat.extend({ emoji: emojiPaths.exactOptional() });

/** The chat beside the video. Its emoji are files beside the seed. */
export const chatSeed = chat.extend({ emoji: emoji.exactOptional() });
