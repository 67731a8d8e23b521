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
  /** NixOS's own, for nginx to start with until an authority has issued one. `renewal` is the unit that asks the authority. */
  | {
      readonly state: "preliminary";
      readonly leadsTo: readonly string[];
      readonly own: readonly string[];
      readonly renewal: string;
    }
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
    const names = [issuer.O ?? issuer.CN ?? "an authority without a name"].flat();
    // NixOS makes it by the program minica.
    if (names.some((name) => name.startsWith("minica root ca ")))
      return {
        ...{ state: "preliminary", leadsTo: await addressesOf(domain), own: ownAddresses() },
        renewal: `acme-order-renew-${domain}.service`,
      };
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

/** The addresses that others can reach; all if there is none. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const reachable = all.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  return (reachable.length > 0 ? reachable : all).map(({ address }) => address);
}

const journal = "`journalctl -u caddy -g 'challenge failed'` says why";
const journalOfNixos = "`journalctl -u 'acme-*'` says why";

/** Whether viewers can load the page with this certificate. Also true if the state is unknown. `now` in ms since the epoch. */
export function isCertificateWell(certificate: CertificateState, now: number): boolean {
  if (certificate.state === "there") return Date.parse(certificate.until) > now;
  return certificate.state === "unknown";
}

/** The state on a line. */
export function certificateText(certificate: CertificateState, now: number): string {
  if (certificate.state === "unknown") return "not known, nothing answers on port 443 here";
  if (certificate.state === "missing") return `none; ${whyNone(certificate, journal, "systemctl restart caddy")}`;
  if (certificate.state === "preliminary") {
    const why = whyNone(certificate, journalOfNixos, `systemctl start ${oneLine(certificate.renewal)}`);
    return `only NixOS's own, which no browser trusts; ${why}`;
  }
  const until = `${certificate.until.slice(0, 16).replace("T", " ")} UTC`;
  return isCertificateWell(certificate, now)
    ? `valid until ${until}, from ${oneLine(certificate.issuer)}`
    : `expired since ${until}; ${journal}, and with nginx in front ${journalOfNixos}`;
}

/** An authority gives a certificate only to the host that the name leads to. */
function whyNone(
  { leadsTo, own }: Pick<Extract<CertificateState, { state: "missing" }>, "leadsTo" | "own">,
  says: string,
  again: string,
): string {
  if (leadsTo.length === 0) return "the name leads nowhere: give it an A record with this host's address";
  const places = leadsTo.join(" and ");
  if (leadsTo.every((address) => own.includes(address)))
    return `the name leads here (${places}): ${says}, and \`${again}\` asks again`;
  return `the name leads to ${places}, and this host has ${own.join(" and ")}: if that is another machine, correct the name's A and AAAA records, then \`${again}\`; if it is this host, ${says}`;
}
