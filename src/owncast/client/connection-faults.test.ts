import { once } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { afterEach, expect, it } from "vitest";
import { testCertificates } from "../../../checks/lib/process/certificates.ts";
import { OwncastClient } from "./client.ts";

let server: Server | undefined;
afterEach(() => void server?.close());

/** Asks a server over https with a deadline that no test waits for; what it throws, and how often it connected. */
async function ask(listening: Server): Promise<{ readonly error: Error; readonly connections: number }> {
  server = listening.listen(0, "127.0.0.1");
  await once(server, "listening");
  let connections = 0;
  server.on("connection", () => connections++);
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new OwncastClient({ url, password: "the-password-of-this-test", deadlineSeconds: 600 });
  const error = await client.serverConfig().then(
    () => new Error("it answered"),
    (caught: Error) => caught,
  );
  return { error, connections };
}

it("a certificate that nobody vouches for ends it at once, before the password is sent", async () => {
  let asked = 0;
  const { certificate: cert, key } = testCertificates;
  const { error, connections } = await ask(createServer({ cert, key }, () => asked++));
  expect(error).toMatchObject({ exitCode: 69, remedy: expect.stringContaining("NODE_EXTRA_CA_CERTS") });
  expect(error.message).toContain("certificate");
  expect({ connections, asked }).toEqual({ connections: 1, asked: 0 });
});

it("a server without TLS ends it at once, and how to call it is said", async () => {
  const { error, connections } = await ask(createPlainServer());
  expect(error).toMatchObject({ exitCode: 69, remedy: expect.stringContaining("begin it with http://") });
  expect(connections).toBe(1);
});
