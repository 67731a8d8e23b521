import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { createServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { testCertificates } from "../../checks/lib/process/certificates.ts";
import { type CertificateState, certificateText, isCertificateWell, readCertificate } from "./certificate.ts";

/** A certificate by an authority that is named as NixOS's program names it, valid until 2125. */
const preliminary = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBLzCB1wIUZrJc5plutv2gZ34t8EV/GQzCl6AwCgYIKoZIzj0EAwIwIDEeMBwG
A1UEAwwVbWluaWNhIHJvb3QgY2EgNGYyYTExMCAXDTI2MTEzMDAyMjQyMloYDzIx
MjUwNjI0MDIyNDIyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQkRxUrhHfUoPDhRHEDqTvkh+JPp/IqkSEkn/7otEHYDWfm
P95V62H7PzESW+FAVxOoYeVqzgES0AmO678JyQSkMAoGCCqGSM49BAMCA0cAMEQC
IE3KMXfZ3j0Wq+R9eUAdECs8se9y3kFMvNezVnzyjaECAiB0cuxM7CaCmaLqlk1r
gWRW5wOeavuv1eNU9vST6+ozow==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkBMecz1twvltdIYr
714N7iNvuWcYbm0c/8Zxj0vJdUihRANCAAQkRxUrhHfUoPDhRHEDqTvkh+JPp/Iq
kSEkn/7otEHYDWfmP95V62H7PzESW+FAVxOoYeVqzgES0AmO678JyQSk
-----END PRIVATE KEY-----
`,
};

let server: Server | undefined;
afterEach(() => void server?.close());

async function seenOf(answering: Server, domain = "stage.test"): Promise<CertificateState> {
  server = answering;
  await new Promise<void>((resolve) => answering.listen(0, "127.0.0.1", resolve));
  return readCertificate(domain, (answering.address() as AddressInfo).port);
}

describe("a web server on the host", () => {
  it("has a certificate, whoever issued it and wherever the name points", async () => {
    const { key, certificate: cert } = testCertificates;
    const until = "2120-01-01T00:00:00.000Z";
    expect(await seenOf(createServer({ key, cert }))).toEqual({ state: "there", until, issuer: "Test authority" });
  });

  it("has no certificate; the state lists the name's addresses and the host's own", async () => {
    const internalError = Buffer.from([21, 3, 3, 0, 2, 2, 80]);
    const refusing = createTcpServer((socket) => socket.once("data", () => socket.end(internalError)));
    expect(await seenOf(refusing, "localhost")).toMatchObject({
      state: "missing",
      leadsTo: expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]),
      own: expect.arrayContaining([expect.stringMatching(/^[\d.]+$|:/)]),
    });
  });

  it("has NixOS's own certificate until an authority has issued one", async () => {
    const seen = await seenOf(createServer(preliminary), "localhost");
    expect(seen).toMatchObject({ state: "preliminary", renewal: "acme-order-renew-localhost.service" });
    expect(seen).toHaveProperty("leadsTo", expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]));
  });

  it("has an unknown state if it does not speak TLS", async () => {
    expect(await seenOf(createTcpServer((socket) => socket.end("hello")))).toEqual({ state: "unknown" });
  });
});

const now = Date.parse("2026-11-25T22:10:00Z");
const [here, there] = ["203.0.113.5", "198.51.100.7"];
const missing = (leadsTo: string[]) => ({ state: "missing", leadsTo, own: [here, "2001:db8::5"] }) as const;

it.each<[string, CertificateState, boolean, string]>([
  [
    "a valid certificate",
    { state: "there", until: "2026-12-24T18:00:00.000Z", issuer: "Let's Encrypt\u001b[2J" },
    true,
    "valid until 2026-12-24 18:00 UTC, from Let's Encrypt\\u001b[2J",
  ],
  [
    "an expired certificate",
    { state: "there", until: "2026-11-24T18:00:00.000Z", issuer: "Let's Encrypt" },
    false,
    "expired since 2026-11-24 18:00 UTC; `journalctl -u caddy -g 'challenge failed'` says why, and with nginx in front `journalctl -u 'acme-*'` says why",
  ],
  [
    "no certificate because the name points elsewhere",
    missing([there]),
    false,
    "none; the name leads to 198.51.100.7, and this host has 203.0.113.5 and 2001:db8::5: if that is another machine, correct the name's A and AAAA records, then `systemctl restart caddy`; if it is this host, `journalctl -u caddy -g 'challenge failed'` says why",
  ],
  [
    "no certificate because one record points elsewhere",
    missing([here, there]),
    false,
    "none; the name leads to 203.0.113.5 and 198.51.100.7, and this host has",
  ],
  [
    "no certificate although the name points here",
    missing([here]),
    false,
    "none; the name leads here (203.0.113.5): `journalctl -u caddy -g 'challenge failed'` says why, and `systemctl restart caddy` asks again",
  ],
  [
    "NixOS's own certificate because the name points elsewhere",
    { ...missing([there]), state: "preliminary", renewal: "acme-order-renew-live.test.service" },
    false,
    "only NixOS's own, which no browser trusts; the name leads to 198.51.100.7, and this host has 203.0.113.5 and 2001:db8::5: if that is another machine, correct the name's A and AAAA records, then `systemctl start acme-order-renew-live.test.service`; if it is this host, `journalctl -u 'acme-*'` says why",
  ],
  [
    "NixOS's own certificate although the name points here",
    { ...missing([here]), state: "preliminary", renewal: "acme-order-renew-live.test.service" },
    false,
    "only NixOS's own, which no browser trusts; the name leads here (203.0.113.5): `journalctl -u 'acme-*'` says why, and `systemctl start acme-order-renew-live.test.service` asks again",
  ],
  [
    "no certificate because the name has no address",
    missing([]),
    false,
    "none; the name leads nowhere: give it an A record",
  ],
  ["an unknown state", { state: "unknown" }, true, "not known, nothing answers on port 443 here"],
])("status describes %s", (_, certificate, isWell, says) => {
  expect(certificateText(certificate, now)).toContain(says);
  expect(isCertificateWell(certificate, now)).toBe(isWell);
});
