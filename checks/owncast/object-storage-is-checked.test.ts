import { afterAll, beforeAll, expect, test } from "vitest";
import { checkStorage } from "../../src/storage/check-storage.ts";
import { reportLines } from "../../src/storage/report-text.ts";
import { type S3Server, startS3 } from "../lib/storage/s3-server.ts";

const origin = "https://live.test";
let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(async () => s3?.stop());
const check = async (storage: Parameters<typeof checkStorage>[0], more = {}) => {
  const report = await checkStorage(storage, { origin, seconds: 5, ...more });
  return reportLines(report);
};

test("explore", async () => {
  const right = await s3.makeBucket("right", { corsOrigin: origin });
  const show = async (title: string, work: Promise<string[]>) => console.log(title, await work.catch((e) => e));
  await show("right", check(right));
  await show("secret", check({ ...right, secretKey: "wrong" }));
  await show("access", check({ ...right, accessKey: "wrong" }));
  await show("region", check({ ...right, region: "elsewhere" }));
  await show("bucket", check({ ...right, bucket: "missing", viewers: `${s3.endpoint}/missing` }));
  await show("clock", check(right, { now: () => new Date(Date.now() + 3600_000) }));
  await show("style", check({ ...right, isPathStyle: false }));
  await show("closed", s3.makeBucket("closed", { corsOrigin: origin, isOpen: false }).then(check));
  await show("nocors", s3.makeBucket("nocors").then(check));
  await show("othercors", s3.makeBucket("othercors", { corsOrigin: "https://other.test" }).then(check));
  await show("noacl", s3.makeBucket("noacl", { corsOrigin: origin, takesAcls: false }).then(check));
  await show("tls", check({ ...right, endpoint: right.endpoint.replace("http:", "https:") }));
  await show("serving", check({ ...right, viewers: `${s3.endpoint}/nocors`, hasServingEndpoint: true }));
  await show("down", check({ ...right, endpoint: "http://127.0.0.1:9" }));
});
