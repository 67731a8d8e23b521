import { once } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { testCertificates } from "../../../checks/lib/process/certificates.ts";
import { ensureServerAddress, OwncastClient, readMessage, type WriteResult, writeAndReadAgain } from "./client.ts";

let server: Server | undefined;
afterEach(() => void server?.close());

async function portOf(listening: Server): Promise<number> {
  server = listening.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

// The first request also loads the code of `fetch`.
it.each([60, 5, 3.0005, 2.5])("the client reads from a server with a deadline of %f s", async (deadlineSeconds) => {
  const port = await portOf(createPlainServer((_, response) => response.end("{}")));
  const client = new OwncastClient({ url: `http://127.0.0.1:${port}`, password: "secret", deadlineSeconds });
  expect(await client.serverConfig()).toEqual({});
});

describe("with a long deadline", () => {
  /** The client's error, and the number of its connections. */
  async function ask(listening: Server): Promise<{ readonly error: Error; readonly connections: number }> {
    let connections = 0;
    listening.on("connection", () => connections++);
    const url = `https://127.0.0.1:${await portOf(listening)}`;
    const client = new OwncastClient({ url, password: "the-password-of-this-test", deadlineSeconds: 600 });
    const error = await client.serverConfig().then(
      () => new Error("it answered"),
      (caught: Error) => caught,
    );
    return { error, connections };
  }

  it("the client gives up at once if it does not trust the certificate, before it sends the password", async () => {
    let requests = 0;
    const { certificate: cert, key } = testCertificates;
    const { error, connections } = await ask(createServer({ cert, key }, () => requests++));
    expect(error).toMatchObject({ exitCode: 69, remedy: expect.stringContaining("NODE_EXTRA_CA_CERTS") });
    expect(error.message).toContain("certificate is not trusted");
    expect({ connections, requests }).toEqual({ connections: 1, requests: 0 });
  });

  it("the client gives up at once if the server has no TLS, and the remedy names the right address", async () => {
    const { error, connections } = await ask(createPlainServer());
    expect(error).toMatchObject({ exitCode: 69, remedy: expect.stringContaining("begin it with http://") });
    expect(connections).toBe(1);
  });
});

describe("the server's address", () => {
  it.each(["http://127.0.0.1:8080", "http://[::1]:8080/", "https://live.example.org"])("may be %s", (url) =>
    expect(() => ensureServerAddress(url)).not.toThrow(),
  );

  it.each([
    "live.example.org",
    "rtmp://127.0.0.1/live",
    "http://127.0.0.1:8080/admin",
    "http://127.0.0.1:8080/?a=b",
    "http://127.0.0.1:8080/#a",
  ])("must not be %s", (url) => expect(() => ensureServerAddress(url)).toThrow(/expected an address/));

  it.each([
    "http://admin:hunter2@127.0.0.1:8080",
    "http://hunter2@127.0.0.1",
    "ftp://admin:hunter2@127.0.0.1",
    "admin:hunter2@x",
  ])("must not hold a password, and the error does not repeat it: %s", (url) => {
    const attempt = () => ensureServerAddress(url);
    expect(attempt).toThrow(expect.objectContaining({ exitCode: 64 }));
    expect(attempt).not.toThrow(/hunter2/);
  });
});

describe("a write whose response is lost", () => {
  const [lost, accepted, refused] = [0, 200, 400].map((status): WriteResult => ({ status, message: "" }));
  it.each([
    { claim: "is not repeated if it had its effect", responses: [lost], isThere: [true], writes: 1, isDone: true },
    {
      claim: "is repeated if it had no effect",
      responses: [lost, accepted],
      isThere: [false, true],
      writes: 2,
      isDone: true,
    },
    {
      claim: "is given up after three times",
      responses: [lost, lost, lost],
      isThere: [false, false, false],
      writes: 3,
      isDone: false,
    },
    {
      claim: "is not repeated if the server refused the write",
      responses: [refused],
      isThere: [false],
      writes: 1,
      isDone: false,
    },
  ])("$claim", async ({ responses, isThere, writes, isDone }) => {
    let [written, read] = [0, 0];
    const end = await writeAndReadAgain(
      async () => responses[written++]!,
      async () => isThere[read++]!,
    );
    expect({ written, read, ...end }).toEqual({ written: writes, read: writes, isDone, result: responses[writes - 1] });
  });
});

describe("the admin API's response to a refused write", () => {
  it.each([
    ['{"success":false,"message":"no"}', "no"],
    ['{"message":"first","success":false}\n{"message":"second","success":false}', "first"],
    [`{"message":"a } and {","success":false}{"message":"second"}`, "a } and {"],
    ["", ""],
    ["<html>", ""],
  ])("%j is read as %j", (body, message) => expect(readMessage(body)).toBe(message));
});
