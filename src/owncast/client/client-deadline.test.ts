import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { OwncastClient } from "./client.ts";

let server: Server;
beforeEach(async () => {
  server = createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => server.close());

it.each([0.5, 1.0005, 5, 60])("a server that answers is read with a deadline of %f s", async (deadlineSeconds) => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new OwncastClient({ url, password: "secret", deadlineSeconds });
  expect(await client.serverConfig()).toEqual({});
});
