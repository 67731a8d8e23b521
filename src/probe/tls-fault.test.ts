import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { testCertificates } from "../../checks/lib/process/certificates.ts";
import { TlsError } from "../lib/connection-error.ts";
import { get } from "../viewer/http-client.ts";
import { tlsFault } from "./tls-fault.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lectern-tls-"));
  writeFileSync(join(folder, "ca.crt"), testCertificates.authority);
});
afterAll(() => rmSync(folder, { recursive: true }));

let server: Server | undefined;
afterEach(() => void server?.close());

/** The error for a server under `name`. `leads` is the address of the name, `asked` whether --resolve names it. */
async function fault(answering: Server, name: string, { leads, asked = true }: { leads: string[]; asked?: boolean }) {
  server = answering;
  await new Promise<void>((resolve) => answering.listen(0, "127.0.0.1", resolve));
  const { port } = answering.address() as AddressInfo;
  const url = `https://${name}:${port}`;
  const resolve = [{ host: name, port, address: "127.0.0.1" }];
  const error = await get(url, { resolve, caFile: join(folder, "ca.crt") }).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(TlsError);
  return tlsFault(error as TlsError, { url, resolve: asked ? resolve : [] }, async () => leads);
}

const { key, certificate } = testCertificates;
const forStageTest = () => createServer({ key, cert: certificate });
// TLS alerts in the form that servers send: level fatal, after any greeting.
const refusing = (alert: number) => () =>
  createTcpServer((socket) => socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, alert]))));
const caddyWithoutCertificate = refusing(80);

describe("a server without a certificate for the name", () => {
  it.each([
    ["Caddy", 80],
    ["nginx", 112],
    ["a content delivery network", 40],
  ])("is recognised by the TLS alert of %s", async (_, alert) => {
    const said = await fault(refusing(alert)(), "live.test", { leads: ["127.0.0.1"] });
    expect(said).toContain("the server has no certificate for that name");
  });

  it("may be the wrong one: the message gives its address and the name's addresses", async () => {
    const said = await fault(caddyWithoutCertificate(), "live.test", { leads: ["198.51.100.7", "2001:db8::7"] });
    expect(said).toContain("live.test leads to 198.51.100.7 and 2001:db8::7, not to 127.0.0.1");
    expect(said).toContain("correct its A and AAAA records, then restart Caddy (nginx: `acme-order-renew-live.test`)");
  });

  it("may be the right one: the message points to its journal", async () => {
    const said = await fault(caddyWithoutCertificate(), "live.test", { leads: ["127.0.0.1"] });
    expect(said).toMatch(
      /leads to 127\.0\.0\.1: if that is not .* `journalctl -u caddy -u nginx -u 'acme-\*'` there says why/,
    );
  });

  it("may be asked for a name without an address: the message says so", async () => {
    const said = await fault(caddyWithoutCertificate(), "live.test", { leads: [] });
    expect(said).toContain("live.test has no address");
  });
});

it("the message about another person's server gives the names in its certificate and its address", async () => {
  const said = await fault(forStageTest(), "live.test", { leads: ["198.51.100.7"], asked: false });
  expect(said).toContain(
    "it is for another name, stage.test; the name live.test leads to 198.51.100.7: if that is not",
  );
});

it.each<[string, () => Server, string]>([
  ["another alert", refusing(70), "the server refuses TLS; is it the https port?"],
  ["no TLS", () => createTcpServer((socket) => socket.end("HTTP/1.0 400 Bad Request\r\n\r\n")), "does not speak TLS"],
])("the message about %s does not mention names", async (_, answering, says) => {
  const said = await fault(answering(), "stage.test", { leads: ["198.51.100.7"] });
  expect(said).toContain(says);
  expect(said).not.toContain("leads to");
});

it("the message about an untrusted certificate does not mention names", async () => {
  writeFileSync(join(folder, "ca.crt"), testCertificates.certificate);
  const said = await fault(forStageTest(), "stage.test", { leads: ["198.51.100.7"] });
  expect(said).toMatch(/authority that is not known here; .*ca\.crt did not sign it/);
});
