import { z } from "zod";
import { type SecretLookup, type SecretNaming, settings } from "../core/registry.ts";
import { secretName, secretRef } from "../core/secret-ref.ts";
import { text } from "../core/text.ts";

/**
 * The password of the admin page (user `admin`), by the name of its secret. If a stage file leaves it out, the secret
 * is `admin-password`.
 * @example { secret: admin-password }
 */
const adminPassword = secretRef.register(settings, {
  write: "adminpass",
  read: null,
  takesEffect: "live",
  ownDefault: { says: "`abc123`, which everybody knows; Lectern always replaces it" },
  secret: true,
  encode: ({ secret }: z.output<typeof secretRef>, reveal: SecretLookup) => reveal(secret),
});

/** The name of the secret that holds a stream key without a comment. */
const soleKeyName = "stream-key";

/** A secret's name, made from the comment of its stream key. */
function keyName(comment: string): string {
  const words = comment
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{Mark}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  if (words === "") return soleKeyName;
  return /^[a-z].*stream-key|^stream-key/.test(words) ? words : `${soleKeyName}-${words}`;
}

const decodeKeys = (keys: readonly { key: string; comment: string }[], nameSecret: SecretNaming) =>
  keys.map(({ key, comment }) => ({
    ...nameSecret({
      name: keyName(comment),
      holds: comment === "" ? "the stream key" : `the stream key commented “${comment}”`,
      value: key,
    }),
    ...(comment !== "" && { comment }),
  }));

const streamKey = z.strictObject({
  secret: secretName,
  /**
   * Whose key it is.
   * @example moderator
   */
  comment: text({ max: 80 }).exactOptional(),
});

/**
 * The stream keys, each by the name of its secret. The list replaces Owncast's, whose default key is public. If a stage
 * file leaves it out, there is one key, `stream-key`.
 * @example [{ secret: stream-key-moderator, comment: moderator }]
 */
const streamKeys = z
  .array(streamKey)
  .min(1)
  .max(50)
  .register(settings, {
    write: "streamkeys",
    read: "/streamKeys",
    takesEffect: "next-stream",
    ownDefault: {
      readsBack: [{ key: "abc123", comment: "Default stream key" }],
      says: "`abc123`, which everybody knows; Lectern always replaces it",
    },
    secret: true,
    encode: (keys: readonly z.output<typeof streamKey>[], reveal: SecretLookup) =>
      keys.map(({ secret, comment }) => ({ key: reveal(secret), comment: comment ?? "" })),
    decode: decodeKeys,
    normalise: (keys: readonly { key: string; comment?: string }[]) =>
      keys.map(({ key, comment }) => ({ key, comment: comment ?? "" })),
  });

/** Who may publish and who may administer if a stage file does not say so. */
export const accessDefaults = {
  adminPassword: { secret: "admin-password" },
  streamKeys: [{ secret: soleKeyName }],
} as const;

/** Who may publish and who may administer. */
export const accessStage = z.strictObject({
  adminPassword: adminPassword.exactOptional(),
  streamKeys: streamKeys.exactOptional(),
});

/** Who may publish and who may administer. A seed always has both, because Owncast's defaults are public. */
export const accessSeed = z.strictObject({ adminPassword, streamKeys });
