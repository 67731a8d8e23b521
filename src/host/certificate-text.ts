import { oneLine } from "../../codegen/load/printable.ts";
import type { CertificateState } from "./certificate.ts";

const journal = "`journalctl -u caddy -g 'challenge failed'` says why";

/** Whether viewers can be served with it; what is not known counts as well. `now` in ms since the epoch. */
export function isCertificateWell(certificate: CertificateState, now: number): boolean {
  if (certificate.state === "there") return Date.parse(certificate.until) > now;
  return certificate.state === "unknown";
}

/** The state in a line, without its name. */
export function certificateText(certificate: CertificateState, now: number): string {
  if (certificate.state === "unknown") return "not known, nothing answers on port 443 here";
  if (certificate.state === "missing") return `none; ${whyNone(certificate)}`;
  const until = `${certificate.until.slice(0, 16).replace("T", " ")} UTC`;
  return isCertificateWell(certificate, now)
    ? `valid until ${until}, from ${oneLine(certificate.issuer)}`
    : `over since ${until}; ${journal}`;
}

/** It is given out only where the name leads. */
function whyNone({ leadsTo, own }: Extract<CertificateState, { state: "missing" }>): string {
  if (leadsTo.length === 0) return "the name leads nowhere: give it an A record with this host's address";
  const places = leadsTo.join(" and ");
  if (leadsTo.every((address) => own.includes(address))) return `the name leads here (${places}): ${journal}`;
  return `the name leads to ${places}, and this host has ${own.join(" and ")}: where these are two machines, correct the name's A and AAAA records, then \`systemctl restart caddy\`; where they are one, ${journal}`;
}
