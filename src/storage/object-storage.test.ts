import { describe, expect, it } from "vitest";
import type { Seed } from "../../generated/seed.d.ts";
import { listing, type ObjectStorage, objectAddress, objectStorageOf, viewersAddress } from "./object-storage.ts";

type Bucket = NonNullable<NonNullable<Seed["storage"]>["objectStorage"]>;
const seed = (bucket: Partial<Bucket> = {}, servingEndpoint?: string): Seed => ({
  access: { adminPassword: { secret: "a" }, streamKeys: [] },
  storage: {
    objectStorage: {
      ...{ enabled: true, endpoint: "https://s3.example.com", bucket: "lectures", region: "eu" },
      ...{ accessKey: { secret: "access" }, secretKey: { secret: "secret" } },
      ...bucket,
    },
    ...(servingEndpoint !== undefined && { servingEndpoint }),
  },
});
const storageOf = (...of: Parameters<typeof seed>): ObjectStorage =>
  objectStorageOf(seed(...of), (name) => `value of ${name}`) as ObjectStorage;

// As aws-sdk-go 1.55 addresses them for Owncast.
describe("an object is written to", () => {
  it.each([
    { claim: "the bucket's own host", bucket: {}, address: "https://lectures.s3.example.com/hls/0/a.ts" },
    { claim: "the path", bucket: { pathStyle: true }, address: "https://s3.example.com/lectures/hls/0/a.ts" },
    {
      claim: "the path, if the name has a dot and the service TLS",
      bucket: { bucket: "a.b" },
      address: "https://s3.example.com/a.b/hls/0/a.ts",
    },
    {
      claim: "the bucket's own host with a dot, without TLS",
      bucket: { bucket: "a.b", endpoint: "http://s3.example.com:9000" },
      address: "http://a.b.s3.example.com:9000/hls/0/a.ts",
    },
    {
      claim: "the path, if the name cannot be in a host's",
      bucket: { bucket: "Lectures" },
      address: "https://s3.example.com/Lectures/hls/0/a.ts",
    },
    {
      claim: "a folder, below the path of the service",
      bucket: { pathStyle: true, pathPrefix: "/live/1/", endpoint: "https://example.com/s3" },
      address: "https://example.com/s3/lectures/live/1/hls/0/a.ts",
    },
  ])("$claim", ({ bucket, address }) => {
    const storage = storageOf(bucket);
    expect(objectAddress(storage, `${storage.folder}/0/a.ts`).href).toBe(address);
  });

  it.each([
    { bucket: {}, address: "https://lectures.s3.example.com/?max-keys=1&prefix=hls%2F" },
    { bucket: { pathStyle: true }, address: "https://s3.example.com/lectures?max-keys=1&prefix=hls%2F" },
  ])("and listed at $address", ({ bucket, address }) => {
    expect(listing(storageOf(bucket)).address.href).toBe(address);
  });
});

it("viewers fetch by the path, or from the serving endpoint", () => {
  expect(viewersAddress(storageOf(), "hls/0/a.ts")).toBe("https://s3.example.com/lectures/hls/0/a.ts");
  expect(viewersAddress(storageOf({}, "https://cdn.test/x"), "hls/0/a.ts")).toBe("https://cdn.test/x/hls/0/a.ts");
});

it("takes the ACL and the style that Owncast has if the stage sets none, and the keys' values", () => {
  expect(storageOf()).toMatchObject({ acl: "public-read", isPathStyle: false, secretKey: "value of secret" });
});

it("is none if it is not enabled", () => {
  expect(objectStorageOf(seed({ enabled: false }), String)).toBeUndefined();
});
