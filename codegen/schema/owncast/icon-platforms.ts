/** The names by which Owncast has an icon for a link (`models/socialHandle.go` of 0.2.5). */
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

/** Whether a link's name would have an icon if it were written in lower case. */
export const isIconInOtherCase = (platform: string): boolean =>
  !iconPlatforms.has(platform) && iconPlatforms.has(platform.toLowerCase());
