import { z } from "zod";
import { text } from "./text.ts";

/** The secret that `lectern rehearse` must show; it belongs to the stage and not to Owncast. No setting may name it. */
export const rehearsalTokenName = "rehearsal-token";

const interpreterKey = "interpreter-key-";
const captionsToken = "captions-token-";

/** The secret with the stream key of a caption track's interpreter. No setting may name it. */
export const interpreterKeyName = (language: string): string => interpreterKey + language;

/** The secret with the token that a caption track's human captioner shows. No setting may name it. */
export const captionsTokenName = (language: string): string => captionsToken + language;

/**
 * A secret's name. Its value is in a file of that name in the secrets folder, never in a stage file or a seed.
 * @example stream-key
 */
export const secretName = text({
  min: 1,
  max: 64,
  pattern: {
    regex: /^(?!rehearsal-token$|interpreter-key-|captions-token-)[a-z][a-z0-9-]*$/u,
    says: "a secret's name: lower-case letters, digits and dashes, but not rehearsal-token, interpreter-key-… or captions-token-…",
  },
});

/** A setting whose whole value is a secret. */
export const secretRef = z.strictObject({ secret: secretName });
