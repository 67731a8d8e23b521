import type { SecretLookup } from "../../codegen/schema/core/registry.ts";
import type { Seed } from "../../generated/seed.d.ts";

/** A stage's object storage with its keys. */
export interface ObjectStorage {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Its value: never print it. */
  readonly accessKey: string;
  /** Its value: never print it. */
  readonly secretKey: string;
  readonly acl: string;
  /** Whether requests name the bucket in the path (`pathStyle: true`). */
  readonly isPathStyle: boolean;
  /** The folder of playlists and segments in the bucket, as in `live/hls`. */
  readonly folder: string;
  /** The address from which viewers fetch, without that folder. */
  readonly viewers: string;
  /** Whether `storage.servingEndpoint` sets that address. */
  readonly hasServingEndpoint: boolean;
}

// Owncast's own, if the setting is empty.
const defaultAcl = "public-read";

/** The names of the two secrets that a seed's object storage needs; none without object storage. */
export function storageSecretNames({ storage }: Seed): readonly string[] {
  const { enabled, accessKey, secretKey } = storage?.objectStorage ?? {};
  return enabled && accessKey && secretKey ? [accessKey.secret, secretKey.secret] : [];
}

/** The object storage of a seed, as Owncast 0.2.5 uses it (core/storageproviders/s3Storage.go); undefined if it has none. */
export function objectStorageOf({ storage }: Seed, reveal: SecretLookup): ObjectStorage | undefined {
  if (!storage?.objectStorage?.enabled) return undefined;
  const { endpoint, bucket, region, accessKey, secretKey, acl, pathPrefix = "", pathStyle } = storage.objectStorage;
  if (!endpoint || !bucket || !region || !accessKey || !secretKey) return undefined;
  const prefix = pathPrefix.replace(/^\/+|\/+$/g, "");
  const servingEndpoint = storage.servingEndpoint ?? "";
  return {
    ...{ endpoint, bucket, region },
    accessKey: reveal(accessKey.secret),
    secretKey: reveal(secretKey.secret),
    acl: acl || defaultAcl,
    isPathStyle: pathStyle ?? false,
    folder: prefix === "" ? "hls" : `${prefix}/hls`,
    // Owncast names the bucket in the path for viewers, even if it uploads to the bucket's own host name.
    viewers: servingEndpoint || `${endpoint}/${bucket}`,
    hasServingEndpoint: servingEndpoint !== "",
  };
}

/** The address of an object as Owncast's SDK (aws-sdk-go 1.55, service/s3/host_style_bucket.go) writes to it; `""`: of the bucket. */
export function objectAddress({ endpoint, bucket, isPathStyle }: ObjectStorage, key: string): URL {
  const address = new URL(endpoint);
  const base = address.pathname.replace(/\/$/, "");
  const hasOwnHost = !isPathStyle && mayBeInHost(address.protocol, bucket);
  if (hasOwnHost) address.host = `${bucket}.${address.host}`;
  const path = [...(hasOwnHost ? [] : [bucket]), ...key.split("/")].map(encode).join("/");
  // The address of a bucket in the path has no slash at its end.
  address.pathname = `${base}/${path}`.replace(/(?<=.)\/$/, "");
  return address;
}

/** The request with which Owncast lists its segments, but for one entry only. */
export function listing(storage: ObjectStorage): { readonly address: URL } {
  const address = objectAddress(storage, "");
  address.search = `max-keys=1&prefix=${encodeURIComponent(`${storage.folder}/`)}`;
  return { address };
}

/** The address of an object for viewers, character by character as Owncast writes it into the master playlist. */
export const viewersAddress = ({ viewers }: ObjectStorage, key: string): string => `${viewers}/${key}`;

function mayBeInHost(protocol: string, bucket: string): boolean {
  if (protocol === "https:" && bucket.includes(".")) return false;
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) && !/^(\d+\.){3}\d+$/.test(bucket) && !bucket.includes("..");
}

const encode = (part: string): string =>
  encodeURIComponent(part).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
