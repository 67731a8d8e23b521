import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { listing, type ObjectStorage } from "./object-storage.ts";
import { askWithKeys, type StorageOutcome } from "./storage-request.ts";

// Services that answer as no S3 service should. Real ones: checks/owncast/object-storage-is-checked.

const accessKey = "AKIAIOSFODNN7EXAMPLE";

async function answerOf(listener: RequestListener): Promise<StorageOutcome> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const storage: ObjectStorage = {
    ...{ endpoint, bucket: "lectures", region: "eu", accessKey, secretKey: "secret", acl: "", isPathStyle: true },
    ...{ folder: "hls", viewers: `${endpoint}/lectures`, hasServingEndpoint: false },
  };
  try {
    return await askWithKeys(storage, listing(storage), { seconds: 5 });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it("an access key that a service sends back is no code and no region: people paste reports", async () => {
  const inBody = await answerOf((_, response) =>
    response.writeHead(400).end(`<Error><Code>${accessKey}</Code><Region>x-${accessKey}</Region></Error>`),
  );
  expect(inBody).toMatchObject({ status: 400, code: "", region: "" });
  const inHeader = await answerOf((_, response) =>
    response.writeHead(400, { "x-amz-bucket-region": accessKey }).end("<Error><Code>AccessDenied</Code></Error>"),
  );
  expect(inHeader).toMatchObject({ status: 400, code: "AccessDenied", region: "" });
});

it("no redirect is followed, with or without keys", async () => {
  let asked = 0;
  const redirected = await answerOf((_, response) => {
    asked += 1;
    response.writeHead(307, { location: "/elsewhere" }).end();
  });
  expect([redirected, asked]).toEqual([expect.objectContaining({ status: 307 }), 1]);
});

it("a small response that unpacks to a huge one is cut", async () => {
  const bomb = gzipSync(Buffer.alloc(20_000_000));
  const answer = await answerOf((_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb));
  expect(answer).toMatchObject({ reason: expect.stringContaining("longer than"), mayBeDone: true });
});
