import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ExitCode } from "../../src/lib/errors.ts";
import type { BucketRules } from "../../src/local/bucket.ts";
import { checkStorage, type StorageCheckOptions } from "../../src/storage/check-storage.ts";
import type { ObjectStorage } from "../../src/storage/object-storage.ts";
import { reportExitCode, reportLines } from "../../src/storage/report-text.ts";
import { deadPort } from "../lib/process/bound-socket.ts";
import { type Fault, type FaultyProxy, startFaultyProxy } from "../lib/site/faulty-proxy.ts";
import { type S3Server, s3Keys, startS3, withS3 } from "../lib/storage/s3-server.ts";

const origin = "https://live.test";
let s3: S3Server;
let right: ObjectStorage;
beforeAll(async () => {
  s3 = await startS3();
  right = await s3.makeBucket("right", { corsOrigin: origin });
});
afterAll(() => s3?.stop());

const check = (storage: ObjectStorage, options: Partial<StorageCheckOptions> = {}) =>
  checkStorage(storage, { origin, seconds: 5, ...options });
/** The keys of all objects in a bucket. */
const keysIn = async (bucket: string): Promise<string[]> =>
  [...`${(await s3.asOwner("GET", `/${bucket}?prefix=`)).body}`.matchAll(/<Key>([^<]+)/g)].map(([, key = ""]) => key);

describe("the check of a right bucket", withS3, () => {
  test.each<{ claim: string; changes: Partial<ObjectStorage> }>([
    { claim: "finds nothing", changes: {} },
    { claim: "finds nothing in a folder of it, with a name that must be encoded", changes: { folder: "a+b (c)/hls" } },
  ])("$claim, and leaves nothing there", async ({ changes }) => {
    const report = await check({ ...right, ...changes });
    expect(report.steps.map(({ name, state }) => [name, state])).toEqual(
      ["upload", "list", "read", "cors", "range", "delete"].map((name) => [name, "ok"]),
    );
    expect(reportExitCode(report)).toBe(ExitCode.done);
    expect(await keysIn("right")).toEqual([]);
  });

  test.each(["the folder can be listed", "viewers can read", "the file can be deleted"])(
    "removes its file if it is stopped before %s",
    async (title) => {
      const stop = new AbortController();
      const seen: string[][] = [];
      const say = (next: string) => {
        if (!next.startsWith(title)) return;
        seen.push([next]);
        stop.abort(new Error("stopped"));
      };
      await expect(check(right, { say, signal: stop.signal })).rejects.toThrow("stopped");
      expect(seen).toHaveLength(1);
      expect(await keysIn("right")).toEqual([]);
    },
  );
});

interface Case {
  readonly claim: string;
  /** A bucket of its own; without it, the right one. */
  readonly rules?: BucketRules;
  readonly changes?: (storage: ObjectStorage) => Partial<ObjectStorage>;
  readonly options?: Partial<StorageCheckOptions>;
  /** The step that finds it, the setting, and words of the text. */
  readonly found: readonly [string, string, string];
  readonly code?: ExitCode;
}

const bucket = "storage.objectStorage.bucket";
describe("the check names", withS3, () => {
  test.each<Case>([
    {
      claim: "a wrong secret key",
      changes: () => ({ secretKey: "canary-of-a-wrong-key" }),
      found: ["upload", "storage.objectStorage.secretKey", "does not belong to the access key"],
      code: ExitCode.refused,
    },
    {
      claim: "an unknown access key",
      changes: () => ({ accessKey: "canary-of-a-wrong-key" }),
      found: ["upload", "storage.objectStorage.accessKey", "does not know the access key"],
      code: ExitCode.refused,
    },
    {
      claim: "a wrong region, and the right one",
      changes: () => ({ region: "elsewhere" }),
      found: ["upload", "storage.objectStorage.region", "→ set it to stage-land"],
    },
    {
      claim: "a wrong clock, and by how much",
      options: { now: () => new Date(Date.now() + 3_600_000) },
      found: ["upload", "storage.objectStorage.endpoint", "this machine's clock is 60 min ahead of the service's"],
    },
    {
      claim: "a missing bucket",
      changes: () => ({ bucket: "none" }),
      found: ["upload", bucket, "there is no bucket none"],
    },
    {
      claim: "a service that wants the bucket in the path",
      changes: () => ({ isPathStyle: false }),
      found: ["upload", "storage.objectStorage.pathStyle", "→ set it to true"],
    },
    {
      claim: "an endpoint without TLS that is written with https",
      changes: ({ endpoint }) => ({ endpoint: endpoint.replace("http:", "https:") }),
      found: ["upload", "storage.objectStorage.endpoint", "does not speak TLS"],
      code: ExitCode.unreachable,
    },
    {
      claim: "an endpoint where nobody listens",
      changes: () => ({ endpoint: `http://127.0.0.1:${deadPort()}` }),
      found: ["upload", "storage.objectStorage.endpoint", "nothing listens"],
      code: ExitCode.unreachable,
    },
    {
      claim: "a bucket that is closed to viewers",
      rules: { corsOrigin: origin, isOpen: false },
      found: ["read", bucket, "closed to everybody without a key"],
    },
    {
      claim: "a serving endpoint that leads elsewhere",
      changes: ({ endpoint }) => ({ viewers: `${endpoint}/another`, hasServingEndpoint: true }),
      found: ["read", "storage.servingEndpoint", "leads elsewhere"],
    },
    {
      claim: "a bucket without CORS",
      rules: {},
      found: ["cors", bucket, "no CORS rule allows the page https://live.test"],
    },
    {
      claim: "a bucket with CORS for another page",
      rules: { corsOrigin: "https://other.test" },
      found: ["cors", bucket, "no CORS rule allows the page https://live.test"],
    },
  ])("$claim", async ({ claim, rules, changes, options, found, code = ExitCode.differs }) => {
    const name = claim.replaceAll(" ", "-").toLowerCase().slice(0, 40);
    const storage = rules ? await s3.makeBucket(name, rules) : right;
    const report = await check({ ...storage, ...changes?.(storage) }, options);
    const [step, setting, words] = found;
    expect(report.steps.flatMap((one) => one.findings.map((finding) => [one.name, finding.setting]))).toEqual([
      [step, setting],
    ]);
    const text = reportLines(report).join("\n");
    expect(text).toContain(words);
    expect(reportExitCode(report)).toBe(code);
    expect(report.left).toBeUndefined();
    expect(await keysIn(storage.bucket)).toEqual([]);
    for (const key of ["canary-of-a-wrong-key", ...Object.values(s3Keys)])
      expect(text + JSON.stringify(report)).not.toContain(key);
  });
});

// What this server cannot do wrong, a proxy in front of it does.
describe("the check, if a service", withS3, () => {
  let proxy: FaultyProxy;
  beforeAll(async () => {
    proxy = await startFaultyProxy(s3.endpoint);
  });
  afterAll(() => proxy?.stop());
  const error = (code: string) =>
    `<Error><Code>${code}</Code><Message>${s3Keys.accessKey} &amp; more</Message></Error>`;
  const refuse = (status: number, code: string) => ({ status, body: error(code) });

  interface Refusing {
    readonly claim: string;
    /** Gets the request, whether it is signed, and how many uploads and how many unsigned GETs there were with it. */
    readonly faultOf: (asked: string, isSigned: boolean, puts: number, gets: number) => Fault;
    readonly found: readonly [string, string, string];
    readonly code?: ExitCode;
    /** No other step is skipped. */
    readonly checksAll?: true;
  }

  test.each<Refusing>([
    {
      claim: "takes no ACL, names the ACL and checks the rest",
      faultOf: (asked, _, puts) =>
        asked.startsWith("PUT") && puts === 1 ? refuse(400, "AccessControlListNotSupported") : "pass",
      found: ["upload", "storage.objectStorage.acl", "the bucket takes no ACL public-read"],
      checksAll: true,
    },
    {
      claim: "denies the ACL without saying so, names it all the same",
      faultOf: (asked, _, puts) => (asked.startsWith("PUT") && puts === 1 ? refuse(403, "AccessDenied") : "pass"),
      found: ["upload", "storage.objectStorage.acl", "the bucket takes no ACL public-read"],
      checksAll: true,
    },
    {
      claim: "lets the key not write, says so",
      faultOf: (asked) => (asked.startsWith("PUT") ? refuse(403, "AccessDenied") : "pass"),
      found: ["upload", "storage.objectStorage.accessKey", "the key may not do this"],
    },
    {
      claim: "lets the key not list, says that the bucket would grow",
      faultOf: (asked) => (asked.includes("prefix=") ? refuse(403, "AccessDenied") : "pass"),
      found: ["list", "storage.objectStorage.accessKey", "would never remove an old segment"],
    },
    {
      claim: "cannot delete many files at once, says so and deletes its file in another way",
      faultOf: (asked) => (asked.includes("?delete=") ? refuse(501, "NotImplemented") : "pass"),
      found: ["delete", "storage.objectStorage.accessKey", "DeleteObjects"],
    },
    {
      claim: "refuses a file in a response that otherwise succeeds, notices it",
      faultOf: (asked) =>
        asked.includes("?delete=")
          ? { status: 200, body: `<DeleteResult>${error("AccessDenied")}</DeleteResult>` }
          : "pass",
      found: ["delete", "storage.objectStorage.accessKey", "AccessDenied"],
    },
    {
      claim: "sends viewers elsewhere, says so",
      faultOf: (_, isSigned) => (isSigned ? "pass" : { status: 301, location: "http://127.0.0.1:1/" }),
      found: ["read", "storage.objectStorage.endpoint", "sends them elsewhere"],
    },
    {
      claim: "shows viewers another file, says that the address leads elsewhere",
      faultOf: (_, isSigned) => (isSigned ? "pass" : { status: 200, body: "<h1>Welcome</h1>" }),
      found: ["read", "storage.objectStorage.endpoint", "viewers get another file than the one that was written"],
    },
    {
      claim: "cannot serve a part of a file, says so",
      faultOf: (_, isSigned, __, gets) => (!isSigned && gets === 3 ? { status: 416 } : "pass"),
      found: ["range", "storage.objectStorage.endpoint", "a request for a part of a file gets 416"],
    },
    {
      claim: "is Garage and refuses the signature, names the secret key",
      faultOf: () => ({
        status: 403,
        body: "<Error><Code>AccessDenied</Code><Message>Forbidden: Invalid signature</Message></Error>",
      }),
      found: ["upload", "storage.objectStorage.secretKey", "does not belong to the access key"],
      code: ExitCode.refused,
    },
    {
      claim: "sends the access key back as its code, shows it nowhere",
      faultOf: () => refuse(403, s3Keys.accessKey),
      found: ["upload", "storage.objectStorage.accessKey", "the key may not do this"],
    },
    {
      claim: "is no storage at all, asks for its S3 address",
      faultOf: () => ({ status: 404, body: "<h1>Not found</h1>" }),
      found: ["upload", "storage.objectStorage.endpoint", "is it the address of an S3 service?"],
    },
  ])("$claim", async ({ faultOf, found: [step, setting, words], code = ExitCode.differs, checksAll }) => {
    let [puts, gets] = [0, 0];
    proxy.faultOf = (asked, { authorization }) => {
      if (asked.startsWith("PUT")) puts += 1;
      if (asked.startsWith("GET") && authorization === undefined) gets += 1;
      return faultOf(asked, authorization !== undefined, puts, gets);
    };
    const report = await check({ ...right, endpoint: proxy.url, viewers: `${proxy.url}/right` });
    const findings = report.steps.flatMap((one) => one.findings.map((finding) => [one.name, finding.setting]));
    expect(findings).toEqual([[step, setting]]);
    if (checksAll) expect(report.steps.filter(({ state }) => state === "skipped")).toEqual([]);
    const text = reportLines(report).join("\n");
    expect(text).toContain(words);
    for (const key of Object.values(s3Keys)) expect(text + JSON.stringify(report)).not.toContain(key);
    expect(reportExitCode(report)).toBe(code);
    expect(await keysIn("right")).toEqual([]);
  });

  test("loses the answer to the upload, removes the file all the same", async () => {
    proxy.faultOf = (asked) => (asked.startsWith("PUT") ? "cut when saved" : "pass");
    const report = await check({ ...right, endpoint: proxy.url, viewers: `${proxy.url}/right` });
    expect(report.steps.filter(({ state }) => state === "fault").map(({ name }) => name)).toEqual(["upload"]);
    expect(await keysIn("right")).toEqual([]);
  });

  test("lets no file be deleted, names the file that is left", async () => {
    proxy.faultOf = (asked) => (/\?delete=|^DELETE/.test(asked) ? refuse(403, "AccessDenied") : "pass");
    const report = await check({ ...right, endpoint: proxy.url, viewers: `${proxy.url}/right` });
    const [left] = await keysIn("right");
    expect(report.left).toBe(left);
    expect(reportLines(report).at(-1)).toBe(`! the test file is still there; delete it: ${left}`);
    await s3.asOwner("DELETE", `/right/${left}`);
  });
});
