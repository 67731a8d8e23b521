import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../../../src/lib/programs.ts";
import { type Part, startPart } from "../../../src/local/part.ts";
import type { PlainOwncast } from "../owncast/plain-owncast.ts";
import { testCertificates } from "../process/certificates.ts";
import { output } from "../process/output.ts";

/** A proxy's fault: changes to the vhost of hosts and the demo, and to the rest of the Caddyfile. */
export interface CaddyFault {
  /** Changes the vhost's text. Gets the proxy's own folder for files to serve. */
  readonly vhost?: (text: string, folder: string) => string | Promise<string>;
  /** The vhost's address. Default: `https://stage.test`. */
  readonly site?: string;
  /** The source of its certificate. Default: one for stage.test from a known authority. */
  readonly tls?: string;
  /** Caddy's global options. Default: no HTTP/3. */
  readonly globals?: string;
  /** The site for plain http. Default: a redirect to https. Empty: no server listens. */
  readonly plain?: string;
}

/** A real Caddy in the network of an Owncast, on the standard ports of a loopback address of its own. */
export interface FaultyCaddy {
  readonly address: string;
  stop(): Promise<void>;
}

let proxies = 0;
const template = () => readFileSync("generated/site/stage.caddyfile", "utf8");

/** Starts it in `folder` and waits until it listens. */
export async function startFaultyCaddy(owncast: PlainOwncast, parent: string, fault: CaddyFault): Promise<FaultyCaddy> {
  proxies += 1;
  const address = `127.0.1.${proxies}`;
  const folder = join(parent, `caddy-${proxies}`);
  mkdirSync(folder);
  const files = { certificate: join(folder, "stage.crt"), key: join(folder, "stage.key") };
  writeFileSync(files.certificate, testCertificates.certificate);
  writeFileSync(files.key, testCertificates.key);
  const right = template()
    // No keeper here: each fault is between Owncast and the viewer. Owncast's own lists take the place of the keeper's.
    .replaceAll("@keeper@ ", "")
    .replaceAll("hls-kept/", "hls/")
    .replaceAll("@upstream@", "127.0.0.1:8080")
    .replaceAll("@segmentsDir@", dirname(owncast.hlsDir))
    .replaceAll("@adminNetworks@", "255.255.255.255/32");
  const vhost = fault.vhost ? await fault.vhost(right, folder) : right;
  if (fault.vhost && vhost === right)
    throw new Error("the fault changes nothing: does the vhost still have that text?");
  const { site = "https://stage.test", tls = `tls ${files.certificate} ${files.key}` } = fault;
  const { plain = "redir https://{host}{uri} 301", globals = "servers {\n\t\tprotocols h1 h2\n\t}" } = fault;
  const config = join(folder, "Caddyfile");
  writeFileSync(
    config,
    `{
	admin off
	grace_period 1s
	skip_install_trust
	auto_https disable_redirects
	storage file_system "${folder}"
	${globals}
}
${site} {
	bind ${address}
	${tls}
${vhost}}
${plain === "" ? "" : `http://stage.test {\n\tbind ${address}\n\t${plain}\n}\n`}`,
  );
  const caddy = startPart(
    owncast.network.enter([findProgram("caddy"), "run", "--config", config, "--adapter", "caddyfile"]),
    {
      ...{ name: "Caddy", logFile: join(folder, "caddy.log"), cwd: folder },
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    },
  );
  await Promise.race([untilListening(owncast, address, caddy), caddy.died]);
  return { address, stop: () => caddy.stop() };
}

async function untilListening({ network }: PlainOwncast, address: string, { died }: Part): Promise<void> {
  let over = false;
  died.catch(() => {
    over = true;
  });
  for (let tries = 0; !over; tries++) {
    const { code } = await output(network.enter(["bash", "-c", `: < /dev/tcp/${address}/443`]));
    if (code === 0) return;
    if (tries > 600) throw new Error("Caddy does not listen");
    await sleep(50);
  }
}
