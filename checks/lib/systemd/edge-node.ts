import { edgeCertificates, siteCertificates } from "../process/certificates.ts";
import { bootHost, type Host, type HostOptions } from "./golden-node.ts";
import { answerOf } from "./node-command.ts";

/** The secret's file on edge and origin. */
export const edgeSecretFile = "/run/secrets/edge-secret";

/** What a secrets tool does at each boot: it writes the secret that edge and origin share. */
export const secretAtBoot = (secret: string): Readonly<Record<string, string>> => ({
  "/etc/tmpfiles.d/secrets.conf": `d /run/secrets 0700\nf ${edgeSecretFile} 0400 root root - ${secret}\n`,
});

const certificates = Object.fromEntries(
  ["edge.test", "second-edge.test"].flatMap((name) => [
    [`/var/lib/certificates/${name}.pem`, edgeCertificates.certificate],
    [`/var/lib/certificates/${name}.key`, edgeCertificates.key],
  ]),
);

/** Boots the host `edge` before an origin with the tests' certificate for one.test. No name server knows the origin yet. */
export const bootEdge = (
  files: Readonly<Record<string, string>>,
  made: NonNullable<HostOptions["made"]>,
): Promise<Host> =>
  bootHost("edge", {
    made,
    dropIns: { "nginx.service": "[Service]\nRestartSec=500ms\n" },
    files: {
      ...certificates,
      "/var/lib/certificates/authority.pem": edgeCertificates.authority,
      "/var/lib/certificates/origin.pem": siteCertificates.authority,
      ...files,
    },
  });

/** Both ends of the cable between an edge and its origin. */
export const cable = { edge: "203.0.113.1", origin: "203.0.113.2" } as const;

/** Lays a cable between the two. It is gone when one of them ends or reboots. */
export async function connectHosts(edge: Host, origin: Host): Promise<void> {
  const network = origin.file("").replace(/root$/, "ns/net");
  const pair = ["type", "veth", "peer", "name", "cable", "netns", network];
  const { code, stderr } = await answerOf(edge.fromInside(["ip", "link", "add", "cable", ...pair]));
  if (code !== 0) throw new Error(`no cable between edge and origin: ${stderr}`);
  for (const [host, address] of [
    [edge, cable.edge],
    [origin, cable.origin],
  ] as const) {
    await host.succeed("ip", "address", "add", `${address}/24`, "dev", "cable");
    await host.succeed("ip", "link", "set", "cable", "up");
  }
}
