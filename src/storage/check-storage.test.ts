import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { checkStorage } from "./check-storage.ts";

// Services that no bucket has. Real ones: checks/owncast/object-storage-is-checked.

it.each([
  ["names the file that it cannot remove", 403, 1],
  ["names no file if it is gone", 204, 0],
])("an interrupted check %s", async (_, status, named) => {
  const interrupt = new AbortController();
  const server = createServer(({ method }, response) => {
    // The write gets no answer, so nobody knows whether the file is there.
    if (method === "PUT") return void interrupt.abort(new Error("Ctrl-C"));
    response.writeHead(method === "DELETE" ? status : 200).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys: string[] = [];
  try {
    const checked = checkStorage(
      {
        ...{ endpoint, bucket: "lectures", region: "eu", accessKey: "key", secretKey: "secret", acl: "public-read" },
        ...{ isPathStyle: true, folder: "hls", viewers: `${endpoint}/lectures`, hasServingEndpoint: false },
      },
      { origin: "https://live.test", seconds: 5, signal: interrupt.signal, left: (key) => keys.push(key) },
    );
    await expect(checked).rejects.toThrow("Ctrl-C");
    expect(keys).toEqual(Array.from({ length: named }, () => expect.stringMatching(/^hls\/lectern-check-\w+\.txt$/)));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
