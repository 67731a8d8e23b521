import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { connect } from "node:tls";
import { lacksCertificate } from "../lib/connection-error.ts";
import { reasonOf } from "../lib/error-cause.ts";

/** How a host's web server stands with a name's certificate, asked on the host itself, wherever the name leads. */
export type CertificateState =
  /** `until` is an ISO time, `issuer` who gave it out. */
  | { readonly state: "there"; readonly until: string; readonly issuer: string }
  /** Where the name leads, and the host's own addresses. */
  | { readonly state: "missing"; readonly leadsTo: readonly string[]; readonly own: readonly string[] }
  /** Nothing speaks TLS there. */
  | { readonly state: "unknown" };

const httpsPort = 443;
const waitsMs = 5000;

/** Looks at it. Whether the authority is one that browsers know is not looked at. */
export async function readCertificate(domain: string, port = httpsPort): Promise<CertificateState> {
  const socket = connect({ host: "127.0.0.1", port, servername: domain, rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(waitsMs) });
    const { valid_to, issuer } = socket.getPeerCertificate();
    const names = [issuer.O ?? issuer.CN ?? "an authority without a name"].flat();
    return { state: "there", until: new Date(valid_to).toISOString(), issuer: names.join(", ") };
  } catch (error) {
    if (!lacksCertificate(reasonOf(error))) return { state: "unknown" };
    return { state: "missing", leadsTo: await addressesOf(domain), own: ownAddresses() };
  } finally {
    socket.destroy();
  }
}

const addressesOf = async (domain: string): Promise<string[]> =>
  (await lookup(domain, { all: true }).catch(() => [])).map(({ address }) => address);

/** Those that others could reach; where there is none, all of them. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const reachable = all.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  return (reachable.length > 0 ? reachable : all).map(({ address }) => address);
}
