import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ports } from "./ports.ts";

const template = new URL("../../caddy/stage.caddyfile", import.meta.url);

// Through the page's address nobody administers, as on a host.
const nobody = "255.255.255.255/32";

export interface SiteOptions {
  readonly ports: Ports;
  /** Where Owncast's segments lie, in `hls`, and those that the keeper holds, in `hls-kept`. */
  readonly segmentsDir: string;
  /** Where the keeper listens, as Caddy writes it. */
  readonly keeper: string;
  /** Caddy's own folder; its certificate authority lives there, to be trusted once. */
  readonly storageDir: string;
}

/** The certificate of Caddy's own authority, in PEM, once it has started. */
export const caFile = (storageDir: string): string => join(storageDir, "pki/authorities/local/root.crt");

/** Writes the demo's Caddyfile: the two sites that NixOS gets too, on loopback, with a certificate of Caddy's own authority. */
export async function writeCaddyfile(
  file: string,
  { ports, segmentsDir, keeper, storageDir }: SiteOptions,
): Promise<void> {
  const vhost = (await readFile(template, "utf8"))
    .replaceAll("@upstream@", `127.0.0.1:${ports.owncast}`)
    .replaceAll("@keeper@", keeper)
    .replaceAll("@segmentsDir@", segmentsDir);
  const text = `{
	admin off
	grace_period 1s
	servers {
		protocols h1 h2
	}
	skip_install_trust
	auto_https disable_redirects
	storage file_system "${storageDir}"
}

https://localhost:${ports.https} {
	bind 127.0.0.1
	tls internal
	header Alt-Svc clear
${vhost.replaceAll("@adminNetworks@", nobody)}}

http://localhost:${ports.admin} http://127.0.0.1:${ports.admin} {
	bind 127.0.0.1
${vhost.replaceAll("@adminNetworks@", "127.0.0.0/8")}}
`;
  await writeFile(file, text);
}
