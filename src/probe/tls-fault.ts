import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { TlsError } from "../lib/connection-error.ts";
import { mappedAddress, type Resolve } from "../viewer/http-client.ts";

/** The address at which TLS failed. */
export interface TlsTask {
  readonly url: string;
  readonly resolve?: readonly Resolve[] | undefined;
}

const help = 'docs/deploy.md, "The certificate"';
const correct = "correct its A and AAAA records";
const httpsPort = 443;

/**
 * A TLS error for a person, with what to do. If the server has no certificate for the name, the text says which addresses the
 * name has in DNS, and whether --resolve led the request to another one. `addressesOf` resolves a name.
 */
export async function tlsFault(error: TlsError, { url, resolve = [] }: TlsTask, addressesOf = lookUp): Promise<string> {
  const { hostname, port } = new URL(url);
  if (!error.isAboutTheName || isIP(hostname.replace(/[[\]]/g, "")))
    return [error.message, ...(error.remedy ? [error.remedy] : [])].join("; ");
  const asked = mappedAddress(resolve, hostname, Number(port || httpsPort));
  return `${error.message}; ${whatToDo(hostname, await addressesOf(hostname), asked)} (${help})`;
}

function whatToDo(name: string, addresses: readonly string[], asked: string | undefined): string {
  if (addresses.length === 0)
    return `the name ${name} has no address, and an authority issues a certificate only to the server that the name leads to: give it an A record`;
  const place = addresses.join(" and ");
  if (asked !== undefined && !addresses.includes(asked))
    return `the name ${name} leads to ${place}, not to ${asked}, and an authority issues a certificate only to the server that the name leads to: ${correct}, then restart Caddy (nginx: \`acme-order-renew-${name}\`)`;
  return `the name ${name} leads to ${place}: if that is not the stage's server, ${correct}; if it is, \`journalctl -u caddy -u nginx -u 'acme-*'\` there says why it has no certificate`;
}

const lookUp = async (name: string): Promise<string[]> =>
  (await lookup(name, { all: true }).catch(() => [])).map(({ address }) => address);
