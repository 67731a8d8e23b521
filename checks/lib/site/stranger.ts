import { testCertificates } from "../process/certificates.ts";
import type { Machine } from "../process/machine.ts";

/** Starts a foreign web server on an address of the host. It serves one page for every name, with its certificate for stage.test. */
export async function startStranger(host: Machine, address: string): Promise<void> {
  const folder = "/var/lib/stranger";
  host.write(`${folder}/certificate.pem`, testCertificates.certificate);
  host.write(`${folder}/key.pem`, testCertificates.key, 0o600);
  host.write(
    `${folder}/Caddyfile`,
    `{
	admin off
	auto_https off
	default_bind ${address}
	default_sni stage.test
	storage file_system ${folder}
}

:80 {
	respond "This domain is parked."
}

:443 {
	tls ${folder}/certificate.pem ${folder}/key.pem
	respond "This domain is parked."
}
`,
  );
  const caddy = host.start("stranger", `caddy run --config ${folder}/Caddyfile --adapter caddyfile`);
  await Promise.race([host.untilSucceeds(`curl -fsSk -m 5 https://${address}/`), caddy.died]);
}
