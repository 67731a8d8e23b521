import { z } from "zod";
import { type AssetUse, assetName, assetPath, sha256 } from "../core/asset.ts";
import { settings } from "../core/registry.ts";
import { text } from "../core/text.ts";

/** The folders of Owncast's own emoji. Uploaded emoji never go there. */
export const ownEmojiFolders: readonly string[] = ["blob", "conigliolo96", "dog", "fediverse", "mutant"];

/** What an emoji's file may be. Owncast 0.2.5 refuses WebP. */
export const emojiAsset: AssetUse = { name: "emoji", types: ["png", "gif", "svg"], maxBytes: 200_000 };

/**
 * The word that people type between colons, in any case. The picture's file on the server has the same name.
 * @example snowflake
 */
const emojiName = text({
  min: 1,
  max: 40,
  pattern: { regex: /^[A-Za-z0-9][A-Za-z0-9_-]*$/u, says: "letters A to Z, digits, dashes and underscores" },
});

/**
 * Arguments of the list's `.refine`. For the chat, `:Wave:` and `:wave:` are the same word, with the same picture.
 */
const eachNameOnce = [
  (list: readonly { readonly name: string }[]): boolean =>
    new Set(list.map(({ name }) => name.toLowerCase())).size === list.length,
  { error: "expected each name once; capital and small letters count as the same" },
] as const;

/**
 * Whether to remove emoji that are not in the list, including Owncast's own 90. Without it, `plan` and `apply` only
 * name them.
 * @example true
 */
const pruneEmoji = z.boolean();

/**
 * Emoji for the chat, in addition to Owncast's own.
 * @example { list: [{ name: snowflake, file: main/snowflake.svg }] }
 */
export const emojiPaths = z.strictObject({
  /**
   * The pictures.
   * @example [{ name: snowflake, file: main/snowflake.svg }]
   */
  list: z
    .array(
      z.strictObject({
        name: emojiName,
        /**
         * A PNG, GIF or SVG file of at most 200 kB, by its path from the stage file's folder.
         * @example main/snowflake.svg
         */
        file: assetPath(emojiAsset),
      }),
    )
    .max(200)
    .refine(...eachNameOnce),
  prune: pruneEmoji.exactOptional(),
});

/**
 * Emoji for the chat, in addition to Owncast's own.
 * @example { list: [{ name: snowflake, file: emoji-snowflake.svg, sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae }] }
 */
export const emoji = z
  .strictObject({
    /**
     * The pictures.
     * @example [{ name: snowflake, file: emoji-snowflake.svg, sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae }]
     */
    list: z
      .array(
        z.strictObject({
          name: emojiName,
          /**
           * The file's name in the folder beside the seed, which has the seed's name.
           * @example emoji-snowflake.svg
           */
          file: assetName(emojiAsset),
          sha256,
        }),
      )
      .max(200)
      .refine(...eachNameOnce),
    prune: pruneEmoji.exactOptional(),
  })
  .register(settings, {
    resource: "emoji",
    takesEffect: "live",
    ownDefault: {
      says: "90 pictures of its own",
      // thanks.png, the only one that is not in a folder.
      sha256: ["d45b7e7ab3212e22df5738ac4d26acd3693558f621de78e121c0ec83bbb35202"],
    },
  });
