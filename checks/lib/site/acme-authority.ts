import { dirname, join } from "node:path";
import type { Part } from "../../../src/local/part.ts";
import { testCertificates } from "../process/certificates.ts";
import type { Machine } from "../process/machine.ts";
import { named } from "../systemd/from-set-up.ts";

/** The authority's own name on its host. Its https certificate is for this name. */
export const authorityName = "stage.test";

/** Life of its certificates: no test runs until one expires. */
export const certificateSeconds = 86_400;

const folder = "/etc/lectern-test/authority";
const nameServer = "127.0.0.1:8053";
const [port, managementPort] = [14_000, 15_000];

/** Pebble: a certificate authority on a host, with the protocol and the checks of Let's Encrypt. */
export interface AcmeAuthority {
  /** Its address, for Caddy's `acme_ca`. */
  readonly directory: string;
  /** A file on the host with the authority of its own https. Another authority signs the certificates that it issues. */
  readonly caFile: string;
  /** From now on it resolves a name to this address. */
  pointName(name: string, address: string): Promise<void>;
  /** Writes its root certificate, which is new at each start, to a file on the host. */
  writeRoot(file: string): Promise<void>;
}

/** Starts it and its name server. It checks names on the standard ports. Resolves when both respond. */
export async function startAuthority(host: Machine): Promise<AcmeAuthority> {
  const caFile = `${folder}/ca.crt`;
  host.write(caFile, testCertificates.authority);
  host.write(`${folder}/certificate.pem`, testCertificates.certificate);
  host.write(`${folder}/key.pem`, testCertificates.key, 0o600);
  host.write(`${folder}/config.json`, JSON.stringify({ pebble: configuration }));
  const program = named("PEBBLE");
  const off = ["http01", "https01", "tlsalpn01", "doh", "defaultIPv6"].map((flag) => `-${flag} ''`).join(" ");
  const names = host.start(
    "name-server",
    `'${join(dirname(program), "pebble-challtestsrv")}' ${off} -dnsserver ${nameServer} -management 127.0.0.1:8055`,
  );
  // By default it waits up to 15 s before it checks, and refuses some requests at random.
  const patience = "PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0";
  const pebble = host.start(
    "authority",
    `env ${patience} '${program}' -config ${folder}/config.json -dnsserver ${nameServer}`,
  );
  const ask = (at: number, path: string) => `curl -fsS -m 5 --cacert ${caFile} https://${authorityName}:${at}${path}`;
  await answers(host, pebble, ask(port, "/dir"));
  await answers(host, names, tell("clear-a", { host: authorityName }));
  return {
    directory: `https://${authorityName}:${port}/dir`,
    caFile,
    async pointName(name, address) {
      await host.succeed(tell("clear-a", { host: name }));
      await host.succeed(tell("add-a", { host: name, addresses: [address] }));
    },
    async writeRoot(file) {
      host.write(file, await host.succeed(ask(managementPort, "/roots/0")));
    },
  };
}

const configuration = {
  listenAddress: `127.0.0.1:${port}`,
  managementListenAddress: `127.0.0.1:${managementPort}`,
  certificate: `${folder}/certificate.pem`,
  privateKey: `${folder}/key.pem`,
  httpPort: 80,
  tlsPort: 443,
  // It sends no Retry-After: half of them would be dates, and Caddy 2.6 fails at a date.
  profiles: { default: { description: "for tests", validityPeriod: certificateSeconds } },
};

const tell = (what: string, body: object) =>
  `curl -fsS -m 5 -d '${JSON.stringify(body)}' http://127.0.0.1:8055/${what}`;

const answers = (host: Machine, { died }: Part, line: string) => Promise.race([host.untilSucceeds(line), died]);
