import { z } from "zod";
import { settings } from "../core/registry.ts";
import { text, trimmedText } from "../core/text.ts";
import { linkAddress } from "../core/web-address.ts";

/**
 * The stage's name: the page's heading, the browser tab, what a shared link shows.
 * @example Public Lecture Series
 */
const name = text({ min: 1, max: 80, pattern: { regex: /^[^<>]*$/u, says: "a name without < and >" } }).register(
  settings,
  {
    write: "name",
    read: "/instanceDetails/name",
    takesEffect: "live",
    ownDefault: { value: "New Owncast Server" },
  },
);

/**
 * One or two sentences under the name; also what search engines and link previews show.
 * @example A lecture every Tuesday at 17:00 UTC, with questions afterwards.
 */
const summary = text({ max: 500, multiline: true }).register(settings, {
  write: "serversummary",
  read: "/instanceDetails/summary",
  takesEffect: "live",
  ownDefault: { value: "This is a new live video streaming server powered by Owncast." },
});

/**
 * A single tag, without the leading `#`.
 * @example lecture
 */
const tag = text({
  min: 1,
  max: 50,
  pattern: { regex: /^[^#,<>\s](?:[^,<>]*[^,<>\s])?$/u, says: "a tag without # in front, commas, < or >" },
});

/**
 * Words that describe the stream, shown as labels on the page. The list replaces Owncast's.
 * @example [nix, lecture]
 */
const tags = z
  .array(tag)
  .max(30)
  .register(settings, {
    write: "tags",
    read: "/instanceDetails/tags",
    takesEffect: "live",
    ownDefault: { value: ["owncast", "streaming"] },
  });

/**
 * The page's body below the video, in Markdown. If it is left out, Owncast's own text stays, and that text makes every
 * viewer's browser contact two other sites. Set it, even to `""`, to prevent this.
 * @example "## Welcome\n\nQuestions go to the chat."
 */
const pageText = text({ max: 100_000, multiline: true }).register(settings, {
  write: "pagecontent",
  read: "/instanceDetails/extraPageContent",
  takesEffect: "live",
  ownDefault: {
    says: "a welcome text with videos from two other sites",
    sha256: ["44b0fc8cf67bd9b4e6d69ac82674be5360d3b5da8fe855c250fe69d5470f9916"],
  },
});

const socialHandle = z.strictObject({
  /**
   * The link's name. Owncast has icons for names such as `github`, `mastodon` or `matrix`, in lower case. Any other
   * name gets a generic icon.
   * @example github
   */
  platform: text({
    min: 1,
    max: 40,
    pattern: { regex: /^[^<>\s](?:[^<>]*[^<>\s])?$/u, says: "a name without < and >, and no spaces around it" },
  }),
  /**
   * Where the link leads: `https://`, `http://`, `xmpp:`, `matrix:` or `mailto:`.
   * @example https://github.com/NixOS
   */
  url: linkAddress(),
});

/**
 * Links to the team's other sites and accounts, shown as icons. The list replaces Owncast's.
 * @example [{ platform: github, url: "https://github.com/NixOS" }]
 */
const socialHandles = z
  .array(socialHandle)
  .max(30)
  .register(settings, {
    write: "socialhandles",
    read: "/instanceDetails/socialHandles",
    takesEffect: "live",
    ownDefault: { value: [{ platform: "github", url: "https://github.com/owncast/owncast" }] },
    normalise: (handles: readonly unknown[] | null) => handles ?? [],
  });

/**
 * The message that the player shows while nothing is on air. It may not start or end with a space.
 * @example The next lecture is on Tuesday at 17:00 UTC.
 */
const offlineMessage = trimmedText(2000).register(settings, {
  write: "offlinemessage",
  read: "/instanceDetails/offlineMessage",
  takesEffect: "live",
  ownDefault: { value: "" },
});

/**
 * Whether the stream is marked as not safe for work. Owncast's directory then shows it only to people who ask for such
 * streams.
 * @example false
 */
const nsfw = z.boolean().register(settings, {
  write: "nsfw",
  read: "/instanceDetails/nsfw",
  takesEffect: "live",
  ownDefault: { value: false },
});

const not = (value: boolean): boolean => !value;

/**
 * Whether the page shows how many people watch.
 * @example true
 */
const showViewerCount = z.boolean().register(settings, {
  write: "hideviewercount",
  read: "/hideViewerCount",
  takesEffect: "live",
  ownDefault: { value: true },
  encode: not,
  show: not,
});

/**
 * Whether search engines may list the page (its robots.txt).
 * @example true
 */
const searchIndexing = z.boolean().register(settings, {
  write: "disablesearchindexing",
  read: "/disableSearchIndexing",
  takesEffect: "live",
  ownDefault: { value: true },
  encode: not,
  show: not,
});

/**
 * Whether the stage is listed in Owncast's public directory while it is live. Needs the stage's public address.
 * @example false
 */
const directory = z.boolean().register(settings, {
  write: "directoryenabled",
  read: "/yp/enabled",
  takesEffect: "live",
  ownDefault: { value: false },
});

/** What viewers read about the stage. */
export const instance = z.strictObject({
  name: name.exactOptional(),
  summary: summary.exactOptional(),
  tags: tags.exactOptional(),
  pageText: pageText.exactOptional(),
  socialHandles: socialHandles.exactOptional(),
  offlineMessage: offlineMessage.exactOptional(),
  nsfw: nsfw.exactOptional(),
  directory: directory.exactOptional(),
  showViewerCount: showViewerCount.exactOptional(),
  searchIndexing: searchIndexing.exactOptional(),
});

/** The link names that Owncast has an icon for (`models/socialHandle.go` of 0.2.5). */
const iconPlatforms: ReadonlySet<string> = new Set([
  ...["bandcamp", "bluesky", "discord", "donate", "facebook", "fediverse", "follow", "github", "gitlab", "instagram"],
  ...[
    "keyoxide",
    "kofi",
    "lbry",
    "liberapay",
    "linkedin",
    "mastodon",
    "matrix",
    "odysee",
    "patreon",
    "paypal",
    "peertube",
  ],
  ...["pixelfed", "snapchat", "soundcloud", "spotify", "steam", "tiktok", "twitch", "twitter", "xmpp", "youtube"],
]);

/** Whether a link's name has an icon only in lower case. */
export const isIconInOtherCase = (platform: string): boolean =>
  !iconPlatforms.has(platform) && iconPlatforms.has(platform.toLowerCase());
