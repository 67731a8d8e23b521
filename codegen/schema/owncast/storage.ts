import { z } from "zod";
import { type SecretLookup, type SecretNaming, settings, withoutEmpty } from "../core/registry.ts";
import { secretRef } from "../core/secret-ref.ts";
import { text } from "../core/text.ts";
import { baseAddress, baseAddressOrEmpty } from "../core/web-address.ts";

const word = (max: number) =>
  text({ min: 1, max, pattern: { regex: /^[^\s"'<>]+$/u, says: "a word without spaces or quotes" } });

const bucket = z.strictObject({
  /**
   * Whether segments go to object storage. If so, endpoint, bucket, region and both keys are required.
   * @example true
   */
  enabled: z.boolean(),
  /**
   * The service's address. Players find the bucket below it, unless `storage.servingEndpoint` says otherwise.
   * @example https://s3.example.com
   */
  endpoint: baseAddress().exactOptional(),
  /**
   * The bucket's name.
   * @example lectures
   */
  bucket: word(63).exactOptional(),
  /**
   * The service's region.
   * @example eu-central-1
   */
  region: word(63).exactOptional(),
  /**
   * The access key, by the name of its secret.
   * @example { secret: s3-access-key }
   */
  accessKey: secretRef.exactOptional(),
  /**
   * The secret key, by the name of its secret.
   * @example { secret: s3-secret-key }
   */
  secretKey: secretRef.exactOptional(),
  /**
   * Canned ACL of uploaded files.
   * @example public-read
   */
  acl: word(63).exactOptional(),
  /**
   * Folder in the bucket.
   * @example live
   */
  pathPrefix: word(200).exactOptional(),
  /**
   * Whether the bucket's name goes into the path and not into the host name, as Garage requires.
   * @example true
   */
  pathStyle: z.boolean().exactOptional(),
});
type Bucket = z.output<typeof bucket>;

const needed = ["endpoint", "bucket", "region", "accessKey", "secretKey"] as const;

/** Owncast replaces the whole object, so Lectern sends all of it; undeclared fields are empty. */
const encodeBucket = ({ accessKey, secretKey, pathStyle = false, ...rest }: Bucket, reveal: SecretLookup) => ({
  endpoint: "",
  bucket: "",
  region: "",
  acl: "",
  pathPrefix: "",
  ...rest,
  accessKey: accessKey ? reveal(accessKey.secret) : "",
  secret: secretKey ? reveal(secretKey.secret) : "",
  forcePathStyle: pathStyle,
});

interface S3 {
  readonly accessKey?: string;
  readonly secret?: string;
  readonly forcePathStyle?: boolean;
}

/** `withoutEmpty` has removed empty texts already. */
const decodeBucket = ({ accessKey, secret, forcePathStyle, ...rest }: S3, nameSecret: SecretNaming) => ({
  ...rest,
  ...(accessKey !== undefined && {
    accessKey: nameSecret({ name: "s3-access-key", holds: "the access key of the object storage", value: accessKey }),
  }),
  ...(secret !== undefined && {
    secretKey: nameSecret({ name: "s3-secret-key", holds: "the secret key of the object storage", value: secret }),
  }),
  ...(forcePathStyle && { pathStyle: forcePathStyle }),
});

/**
 * Object storage (S3) for the segments, if more people watch than this machine can serve. It is replaced as a whole.
 * @example { enabled: true, endpoint: "https://s3.example.com", bucket: lectures, region: eu-central-1, accessKey: { secret: s3-access-key }, secretKey: { secret: s3-secret-key } }
 */
const objectStorage = bucket
  .refine((value) => !value.enabled || needed.every((key) => value[key] !== undefined), {
    error: `expected ${needed.join(", ")}, because enabled is true`,
  })
  .register(settings, {
    write: "s3",
    read: "/s3",
    takesEffect: "next-stream",
    ownDefault: { value: { enabled: false } },
    secret: true,
    encode: encodeBucket,
    decode: decodeBucket,
    normalise: withoutEmpty,
  });

/**
 * The address from which players fetch segments instead of this machine or the bucket, for example a CDN's; `""` for
 * none. Owncast appends `/hls/…` to it, also to a path.
 * @example https://cdn.example.com
 */
const servingEndpoint = baseAddressOrEmpty().register(settings, {
  write: "videoservingendpoint",
  read: "/videoServingEndpoint",
  takesEffect: "next-stream",
  ownDefault: { value: "" },
});

/** Where segments are stored, and where players fetch them. */
export const storage = z.strictObject({
  objectStorage: objectStorage.exactOptional(),
  servingEndpoint: servingEndpoint.exactOptional(),
});
