import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../../../src/lib/programs.ts";
import { type Part, startPart } from "../../../src/local/part.ts";
import type { PlainOwncast } from "../owncast/plain-owncast.ts";
import { testCertificates } from "../process/certificates.ts";
import { output } from "../process/output.ts";

/** What is wrong with a proxy: changes to the vhost that hosts and the demo get, and to what surrounds it. */
export interface CaddyFault {
  /** Changes the vhost's text. Gets a folder of the proxy's own for files that it may serve. */
  readonly vhost?: (text: string, folder: string) => string | Promise<string>;
  /** The vhost's address, `https://stage.test` when left out. */
  readonly site?: string;
  /** How it gets its certificate; one for stage.test from a known authority when left out. */
  readonly tls?: string;
  /** Options of the whole Caddy; no HTTP/3 when left out. */
  readonly globals?: string;
  /** What plain http does; leads to https when left out, nobody listens when empty. */
  readonly plain?: string;
}

/** A real Caddy in the network of an Owncast, on the standard ports of a loopback address of its own. */
export interface FaultyCaddy {
  readonly address: string;
  stop(): Promise<void>;
}

let proxies = 0;
const template = () => readFileSync("caddy/stage.caddyfile", "utf8");

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
    // No keeper here: each fault is between Owncast and the viewer. What Owncast lists counts as held.
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
