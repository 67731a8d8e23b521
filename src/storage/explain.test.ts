import { expect, it } from "vitest";
import { explainRefusal } from "./explain-failure.ts";
import { explainReading, explainSharing, mixedContent } from "./explain-reading.ts";
import type { ObjectStorage } from "./object-storage.ts";
import type { StorageAnswer } from "./storage-request.ts";

const storage: ObjectStorage = {
  ...{ endpoint: "https://s3.example.com", bucket: "lectures", region: "eu", acl: "public-read", isPathStyle: false },
  ...{ accessKey: "AK", secretKey: "SK", folder: "hls" },
  ...{ viewers: "https://s3.example.com/lectures", hasServingEndpoint: false },
};
const inPath = { ...storage, isPathStyle: true };
const answer = (status: number, code = "", more: Partial<StorageAnswer> = {}): StorageAnswer => ({
  ...{ status, code, headers: new Headers(), body: Buffer.alloc(0), region: "", clockAheadSeconds: 0 },
  ...more,
});
const silent = (systemCode: string) => ({ reason: "no way", systemCode, mayBeDone: false });

it.each([
  {
    claim: "a redirect to another region",
    of: storage,
    outcome: answer(301, "PermanentRedirect", { region: "us-1" }),
    setting: "region",
    says: "set it to us-1",
  },
  {
    claim: "a region without a name",
    of: storage,
    outcome: answer(400, "AuthorizationHeaderMalformed"),
    setting: "region",
    says: "garage",
  },
  {
    claim: "a bucket missing by its host name",
    of: storage,
    outcome: answer(404, "NoSuchBucket"),
    setting: "bucket",
    says: "pathStyle to true",
  },
  {
    claim: "a bucket missing by its path",
    of: inPath,
    outcome: answer(404, "NoSuchBucket"),
    setting: "bucket",
    says: "create the bucket",
  },
  {
    claim: "a service that wants host names",
    of: inPath,
    outcome: answer(403, "SecondLevelDomainForbidden"),
    setting: "pathStyle",
    says: "https://lectures.s3.example.com",
  },
  { claim: "a busy service", of: storage, outcome: answer(503, "SlowDown"), setting: "endpoint", says: "try again" },
  {
    claim: "a host name that does not resolve",
    of: storage,
    outcome: silent("ENOTFOUND"),
    setting: "pathStyle",
    says: "set it to true",
  },
  {
    claim: "a certificate without the bucket's host",
    of: storage,
    outcome: silent("ERR_TLS_CERT_ALTNAME_INVALID"),
    setting: "pathStyle",
    says: "set it to true",
  },
  {
    claim: "a wrong endpoint",
    of: inPath,
    outcome: silent("ENOTFOUND"),
    setting: "endpoint",
    says: "correct the address",
  },
])("explains $claim", ({ of, outcome, setting, says }) => {
  const found = explainRefusal(of, "writing a file", outcome);
  expect(found.setting).toBe(`storage.objectStorage.${setting}`);
  expect(`${found.says}; ${found.remedy}`).toContain(says);
});

it("explains a service that does not serve the bucket in the path, where Owncast sends viewers", () => {
  expect(explainReading(storage, answer(404, "NoSuchBucket"), false)).toMatchObject({
    setting: "storage.servingEndpoint",
    remedy: "set it to https://lectures.s3.example.com",
  });
});

it("a page with TLS needs a storage with TLS, except on loopback", () => {
  const at = (viewers: string) => ({ ...storage, viewers });
  expect(mixedContent(at("http://s3.example.com/b"), "https://live.test")).toMatchObject([
    { severity: "fault", setting: "storage.objectStorage.endpoint" },
  ]);
  expect(mixedContent(at("http://127.0.0.1:9/b"), "https://live.test")).toEqual([]);
  expect(mixedContent(at("http://s3.example.com/b"), "http://live.test")).toEqual([]);
  expect(mixedContent(at("https://s3.example.com/b"), "https://live.test")).toEqual([]);
});

it("a refused preflight is a warning: players ask without one", () => {
  const allowed = answer(200, "", { headers: new Headers({ "access-control-allow-origin": "*" }) });
  expect(explainSharing(storage, "https://live.test", allowed, answer(403, "AccessForbidden"))).toMatchObject([
    { severity: "warning", setting: "storage.objectStorage.bucket" },
  ]);
  expect(explainSharing(storage, "https://live.test", answer(200), answer(403))).toMatchObject([{ severity: "fault" }]);
});
