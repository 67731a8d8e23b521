import { createPrivateKey, sign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../process/machine.ts";
import type { AcmeAuthority } from "./acme-authority.ts";

/** An account at the authority (RFC 8555, 7.1.2). */
export interface AcmeAccount {
  readonly status: string;
  /** As in `mailto:webmaster@nixos.org`. */
  readonly contact?: readonly string[];
}

const base64url = (value: string | Buffer) => Buffer.from(value).toString("base64url");

/**
 * Asks the authority for the account of the host's Caddy, with a request that Caddy's key signs. The result is the authority's
 * record, not Caddy's. `storage` is Caddy's storage folder on the host.
 */
export async function accountAt(host: Machine, authority: AcmeAuthority, storage: string): Promise<AcmeAccount> {
  const accounts = join(host.outside(storage), "acme");
  const files = readdirSync(accounts, { recursive: true, encoding: "utf8" }).map((name) => join(accounts, name));
  const fileOf = (pattern: RegExp) => readFileSync(files.find((name) => pattern.test(name)) ?? "", "utf8");
  const { location } = JSON.parse(fileOf(/\/users\/[^/]+\/[^/]+\.json$/)) as { location: string };
  const key = createPrivateKey(fileOf(/\/users\/[^/]+\/[^/]+\.key$/));
  const curl = `curl -fsS -m 15 --cacert ${authority.caFile}`;
  const { newNonce } = JSON.parse(await host.succeed(`${curl} ${authority.directory}`)) as { newNonce: string };
  const [, nonce = ""] = /^replay-nonce: (\S+)/im.exec(await host.succeed(`${curl} -I ${newNonce}`)) ?? [];
  const head = base64url(JSON.stringify({ alg: "ES256", kid: location, nonce, url: location }));
  // An empty payload makes the POST a read (RFC 8555, 6.3).
  const signature = sign("sha256", Buffer.from(`${head}.`), { key, dsaEncoding: "ieee-p1363" });
  const body = JSON.stringify({ protected: head, payload: "", signature: base64url(signature) });
  return JSON.parse(
    await host.succeed(`${curl} -H 'Content-Type: application/jose+json' -d '${body}' ${location}`),
  ) as AcmeAccount;
}
