import { z } from "zod";
import { settings } from "./registry.ts";
import { text } from "./text.ts";

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
 * The page's body below the video, in Markdown. Left out, Owncast's own text stays, and that one makes every
 * viewer's browser call two other sites; set it, even to `""`, so that it does not.
 * @example "## Welcome\n\nQuestions go to the chat."
 */
const pageText = text({ max: 100_000, multiline: true }).register(settings, {
  write: "pagecontent",
  read: "/instanceDetails/extraPageContent",
  takesEffect: "live",
  ownDefault: { says: "a welcome text with videos from two other sites" },
});

const socialHandle = z.strictObject({
  /**
   * The network, by the name Owncast knows its icon by; unknown ones get a plain link.
   * @example github
   */
  platform: text({
    min: 1,
    max: 40,
    pattern: { regex: /^[a-z0-9][a-z0-9.-]*$/u, says: "lower-case letters, digits, dots and dashes" },
  }),
  /**
   * Where the link goes.
   * @example https://github.com/NixOS
   */
  url: text({
    min: 9,
    max: 500,
    pattern: { regex: /^https?:\/\/[^\s"'<>\\]+$/u, says: "an address that starts with https:// or http://" },
  }),
});

/**
 * Links to the team's other places, shown as icons. The list replaces Owncast's.
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

/** What viewers read about the stage. */
export const instance = z.strictObject({
  name: name.exactOptional(),
  summary: summary.exactOptional(),
  tags: tags.exactOptional(),
  pageText: pageText.exactOptional(),
  socialHandles: socialHandles.exactOptional(),
});
