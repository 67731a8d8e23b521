import { z } from "zod";
import { assetName, assetPath, sha256 } from "../core/asset.ts";
import { settings } from "../core/registry.ts";
import { text } from "../core/text.ts";

/** The folders in which Owncast brings its own pictures along; what is uploaded never lands in one. */
export const ownEmojiFolders: readonly string[] = ["blob", "conigliolo96", "dog", "fediverse", "mutant"];

/**
 * What is typed between colons, in capitals or not, and the name of the picture's file on the server.
 * @example snowflake
 */
const emojiName = text({
  min: 1,
  max: 40,
  pattern: { regex: /^[A-Za-z0-9][A-Za-z0-9_-]*$/u, says: "letters A to Z, digits, dashes and underscores" },
});

/** Arguments of the list's `.refine`. The chat reads `:Wave:` and `:wave:` as one, and shows one picture for both. */
const eachNameOnce = [
  (list: readonly { readonly name: string }[]): boolean =>
    new Set(list.map(({ name }) => name.toLowerCase())).size === list.length,
  { error: "expected each name once; capitals make no other name" },
] as const;

/**
 * Whether emoji that are not in the list are removed, Owncast's own 90 among them. Without it they stay, and are named.
 * @example true
 */
const pruneEmoji = z.boolean();

/**
 * Pictures for the chat, beside those that Owncast brings along.
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
        file: assetPath("emoji"),
      }),
    )
    .max(200)
    .refine(...eachNameOnce),
  prune: pruneEmoji.exactOptional(),
});

/**
 * Pictures for the chat, beside those that Owncast brings along.
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
           * The file's name in the folder that lies beside the seed and has its name.
           * @example emoji-snowflake.svg
           */
          file: assetName("emoji"),
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
      // The only one of them that lies in no folder: thanks.png.
      sha256: ["d45b7e7ab3212e22df5738ac4d26acd3693558f621de78e121c0ec83bbb35202"],
    },
  });
