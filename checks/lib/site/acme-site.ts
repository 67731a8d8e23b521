import type { Part } from "../../../src/local/part.ts";
import type { Machine } from "../process/machine.ts";
import { type AcmeAuthority, certificateSeconds } from "./acme-authority.ts";
import { goldenSite } from "./golden-site.ts";
import { keeperAddress, main } from "./vm-stage.ts";

/** Caddy's storage on the host. */
export const caddyStorage = "/var/lib/caddy";

export interface AcmeSiteOptions {
  readonly authority: AcmeAuthority;
  /** The one address that it listens on. Default: 127.0.0.1. */
  readonly address?: string;
  /** The age at which Caddy renews a certificate. Default: two thirds of its life. */
  readonly renewAfterSeconds?: number;
}

/**
 * Starts Caddy like caddy.service on the host `live`, on one address. It uses NixOS's Caddyfile for that host, with this
 * authority in place of Let's Encrypt and the name live.test. Does not wait.
 */
export async function startAcmeSite(host: Machine, options: AcmeSiteOptions): Promise<Part> {
  const { authority, address = "127.0.0.1", renewAfterSeconds } = options;
  const places = {
    "live.nixos.org": "live.test",
    "/var/log/caddy": `${caddyStorage}/log`,
    "/var/cache/lectern/main": "/var/lib/lectern/main",
    "unix//run/lectern/main-keeper.sock": keeperAddress(main),
  };
  const surroundings = [
    `acme_ca ${authority.directory}`,
    `acme_ca_root ${authority.caFile}`,
    `storage file_system ${caddyStorage}`,
    `default_bind ${address}`,
  ];
  const text = goldenSite("live", places, surroundings.map((line) => `\t${line}\n`).join(""));
  host.write(`${caddyStorage}/Caddyfile`, text);
  const adapted = await host.succeed(`caddy adapt --config ${caddyStorage}/Caddyfile --adapter caddyfile`);
  const config = JSON.parse(adapted) as Adapted;
  if (renewAfterSeconds !== undefined) {
    const { automation } = config.apps.tls;
    automation.renew_interval = "1s";
    for (const policy of automation.policies) policy.renewal_window_ratio = 1 - renewAfterSeconds / certificateSeconds;
  }
  host.write(`${caddyStorage}/caddy.json`, JSON.stringify(config));
  return host.start("caddy", `caddy run --config ${caddyStorage}/caddy.json`);
}

/** The part of Caddy's own configuration that manages certificates. */
interface Adapted {
  readonly apps: {
    readonly tls: { readonly automation: { renew_interval?: string; policies: { renewal_window_ratio?: number }[] } };
  };
}
