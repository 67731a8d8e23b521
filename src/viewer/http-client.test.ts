import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testCertificates } from "../../checks/lib/process/certificates.ts";
import { get, type HttpClientOptions, makeHttpClient } from "./http-client.ts";

const open: Server[] = [];
let folder = "";
let caFile = "";
let page = "";
let tlsPort = 0;

const echo: RequestListener = ({ method, url, headers }, response) => {
  if (url === "/slow") return;
  response.setHeader("x-method", method ?? "");
  response.end(url === "/long" ? "x".repeat(5000) : JSON.stringify({ url, headers }));
};

async function listen(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lectern-http-"));
  caFile = join(folder, "ca.crt");
  await writeFile(caFile, testCertificates.authority);
  page = `http://127.0.0.1:${await listen(createServer(echo))}`;
  tlsPort = await listen(createTlsServer({ key: testCertificates.key, cert: testCertificates.certificate }, echo));
});
afterAll(async () => {
  for (const server of open) server.close();
  await rm(folder, { recursive: true });
});

const seen = (body: Buffer) => JSON.parse(body.toString()) as { url: string; headers: Record<string, string> };
const toTls = (host = "stage.test") => ({
  url: `https://${host}:${tlsPort}/`,
  resolve: [{ host, port: tlsPort, address: "127.0.0.1" }],
});

describe("a request", () => {
  it("sends the path unchanged, and only the requested headers", async () => {
    const { status, body } = await get(`${page}/x/../admin//y?q=1#z`, { headers: { "accept-encoding": "zstd" } });
    expect(status).toBe(200);
    expect(seen(body).url).toBe("/x/../admin//y?q=1");
    expect(Object.keys(seen(body).headers).sort()).toEqual(["accept-encoding", "connection", "host"]);
  });

  it("may use HEAD", async () => {
    const { headers, body } = await get(page, { method: "HEAD" });
    expect(headers["x-method"]).toBe("HEAD");
    expect(body).toHaveLength(0);
  });

  it("uses the same connection as the one before", async () => {
    const client = await makeHttpClient();
    const ports = new Set<number | undefined>();
    const counting = createServer((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    const port = await listen(counting);
    for (let index = 0; index < 3; index++) await client.fetch(`http://127.0.0.1:${port}/`);
    client.close();
    expect(ports.size).toBe(1);
  });

  it("goes to the mapped address and keeps the host name", async () => {
    const { url, resolve } = toTls();
    const { body } = await get(url, { resolve, caFile });
    expect(seen(body).headers.host).toBe(`stage.test:${tlsPort}`);
  });
});

describe("a failed request has its own error", () => {
  const nobody = () => listen(createTcpServer((socket) => socket.destroy()));
  it.each<{ why: string; says: string; ask: () => Promise<{ url: string } & HttpClientOptions> }>([
    {
      why: "nothing listens",
      says: "connection refused",
      ask: async () => {
        const server = createTcpServer();
        const port = await listen(server);
        await new Promise((resolve) => server.close(resolve));
        return { url: `http://127.0.0.1:${port}/` };
      },
    },
    {
      why: "the connection is cut",
      says: "closed without an answer",
      ask: async () => ({ url: `http://127.0.0.1:${await nobody()}/` }),
    },
    {
      why: "the response is too slow",
      says: "no answer within 0.05 s",
      ask: async () => ({ url: `${page}/slow`, timeoutSeconds: 0.05 }),
    },
    {
      why: "the response is too long",
      says: "longer than 4000 bytes",
      ask: async () => ({ url: `${page}/long`, maxBodyBytes: 4000 }),
    },
    { why: "the authority is not known", says: "authority that is not known", ask: async () => toTls() },
    {
      why: "the certificate is for another name",
      says: "for another name",
      ask: async () => ({ ...toTls("other.test"), caFile }),
    },
    {
      why: "the server does not speak TLS",
      says: "the server does not speak TLS",
      ask: async () => ({ url: page.replace("http:", "https:") }),
    },
  ])("if $why", async ({ says, ask }) => {
    const { url, ...options } = await ask();
    await expect(get(url, options)).rejects.toMatchObject({ exitCode: 69, message: expect.stringContaining(says) });
  });

  it("with a remedy for an unknown authority", async () => {
    const { url, resolve } = toTls();
    await expect(get(url, { resolve })).rejects.toMatchObject({ remedy: expect.stringContaining("give --ca") });
  });
});

describe("the client refuses", () => {
  it.each([
    ["a missing authority file", "/none/ca.crt", "no such file"],
    [
      "a file without a certificate",
      new URL(import.meta.url).pathname.replace("viewer/http-client.test", "lib/at-most"),
      "no PEM",
    ],
  ])("%s", async (_, file, says) => {
    await expect(makeHttpClient({ caFile: file })).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining(says),
    });
  });

  it("an address that is not http", async () => {
    await expect(get("ftp://stage.test/")).rejects.toMatchObject({ exitCode: 64 });
  });
});
