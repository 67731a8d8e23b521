import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { connect } from "node:tls";
import { oneLine } from "../../codegen/load/printable.ts";
import { lacksCertificate } from "../lib/connection-error.ts";
import { reasonOf } from "../lib/error-cause.ts";

/** The host web server's certificate for a name, also if the name leads to another server. */
export type CertificateState =
  /** `until` is an ISO time. */
  | { readonly state: "there"; readonly until: string; readonly issuer: string }
  /** The addresses of the name, and the host's own. */
  | { readonly state: "missing"; readonly leadsTo: readonly string[]; readonly own: readonly string[] }
  /** No server on the host responds with TLS. */
  | { readonly state: "unknown" };

const httpsPort = 443;
const waitsMs = 5000;

/** Asks the web server on this host. Does not check whether browsers know the certificate's authority. */
export async function readCertificate(domain: string, port = httpsPort): Promise<CertificateState> {
  const socket = connect({ host: "127.0.0.1", port, servername: domain, rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(waitsMs) });
    const { valid_to, issuer } = socket.getPeerCertificate();
    const name = [issuer.O ?? issuer.CN ?? "an authority without a name"].flat().join(", ");
    if (isPlaceholder(name)) return await missing(domain);
    return { state: "there", until: new Date(valid_to).toISOString(), issuer: name };
  } catch (error) {
    if (!lacksCertificate(reasonOf(error))) return { state: "unknown" };
    return await missing(domain);
  } finally {
    socket.destroy();
  }
}

const missing = async (domain: string): Promise<CertificateState> => ({
  ...{ state: "missing", leadsTo: await addressesOf(domain), own: ownAddresses() },
});

// NixOS makes such a certificate for nginx, so that nginx can start before an authority has issued one.
const isPlaceholder = (issuer: string) => issuer.startsWith("minica root ca");

const addressesOf = async (domain: string): Promise<string[]> =>
  (await lookup(domain, { all: true }).catch(() => [])).map(({ address }) => address);

/** The addresses that others can reach; all if there is none. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const reachable = all.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  return (reachable.length > 0 ? reachable : all).map(({ address }) => address);
}

// Caddy gets certificates itself; for nginx, units of security.acme do.
const journal = "`journalctl -u caddy -u 'acme-*' -g 'challenge failed|acme: error'` says why";

/** Whether viewers can load the page with this certificate. Also true if the state is unknown. `now` in ms since the epoch. */
export function isCertificateWell(certificate: CertificateState, now: number): boolean {
  if (certificate.state === "there") return Date.parse(certificate.until) > now;
  return certificate.state === "unknown";
}

/** The state on a line. */
export function certificateText(certificate: CertificateState, now: number): string {
  if (certificate.state === "unknown") return "not known, nothing answers on port 443 here";
  if (certificate.state === "missing") return `none; ${whyNone(certificate)}`;
  const until = `${certificate.until.slice(0, 16).replace("T", " ")} UTC`;
  return isCertificateWell(certificate, now)
    ? `valid until ${until}, from ${oneLine(certificate.issuer)}`
    : `expired since ${until}; ${journal}`;
}

/** An authority gives a certificate only to the host that the name leads to. */
function whyNone({ leadsTo, own }: Extract<CertificateState, { state: "missing" }>): string {
  if (leadsTo.length === 0) return "the name leads nowhere: give it an A record with this host's address";
  const places = leadsTo.join(" and ");
  if (leadsTo.every((address) => own.includes(address))) return `the name leads here (${places}): ${journal}`;
  return `the name leads to ${places}, and this host has ${own.join(" and ")}: if that is another machine, correct the name's A and AAAA records, then \`systemctl restart caddy\` (nginx: \`acme-order-renew-NAME\`); if it is this host, ${journal}`;
}
