import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nginxEnvironment, nginxProgram } from "../../checks/lib/site/golden-nginx.ts";
import { freePort } from "../../src/lib/free-port.ts";
import { caFile, runCaddy } from "../../src/local/caddy.ts";
import { type Part, startPart, untilAnswers } from "../../src/local/part.ts";
import { makeHttpClient } from "../../src/viewer/http-client.ts";
import { exactSeconds } from "../calibrate/processor-time.ts";
import { look } from "../delivery/answers.ts";
import { nginxConfiguration } from "../delivery/configurations.ts";
import { yieldOf } from "../delivery/figures.ts";
import { putLoad } from "../delivery/load.ts";
import { withWorkers } from "../delivery/processor.ts";
import type { Server } from "../delivery/servers.ts";
import type { Measuring } from "./crowds.ts";

const loadSeconds = 1;
// As Chrome and Firefox ask.
const cell = { kind: "segment", protocol: "HTTP/2", encoding: "zstd", server: "nginx" } as const;

/** The edge, Caddy as a proxy to the same origin, and nginx with only files. */
export const rivals = ["edge", "caddy", "static"] as const;

/** Gbit of segments per processor-second of each server, by round. */
export type Yields = Readonly<Record<(typeof rivals)[number], readonly number[]>>;

/** Loads them one after the other, in alternating order, with the newest segment, which the edge has. */
export async function measureYields(
  measuring: Measuring & { readonly parts: Part[] },
  rounds: number,
  note: (text: string) => void,
): Promise<Yields> {
  const servers = await startRivals(measuring);
  const yields: Record<(typeof rivals)[number], number[]> = { edge: [], caddy: [], static: [] };
  const { stand, signal } = measuring;
  const { hlsDir } = stand.stage;
  const perSecond = new Map<string, number>();
  // The first round warms up, and says how many requests take a second.
  for (let round = 0; round <= rounds; round++) {
    note(`round ${round} of ${rounds}`);
    for (const name of round % 2 === 0 ? rivals : [...rivals].reverse()) {
      const { server, client } = servers[name];
      const { path, sentBytes, plainBytes } = await look(client, server, cell, hlsDir);
      const requests = Math.max(64, Math.round((perSecond.get(name) ?? 0) * loadSeconds));
      const before = exactSeconds(server.pids());
      const { seconds, bodyBytes } = await putLoad({ ...cell, url: `${server.origin}${path}`, requests }, signal);
      const processorSeconds = exactSeconds(server.pids()) - before;
      if (bodyBytes !== requests * sentBytes)
        throw new Error(`${server.title}: ${requests} responses had ${bodyBytes} bytes, the first one ${sentBytes}`);
      perSecond.set(name, requests / seconds);
      if (round > 0) yields[name].push(yieldOf("segment", { requests, plainBytes, processorSeconds }));
    }
  }
  for (const { client } of Object.values(servers)) client.close();
  return yields;
}

async function startRivals({ stand, folder, parts }: Measuring & { readonly parts: Part[] }) {
  const { edge, target, pids } = stand.edges[0];
  const own = join(folder, "rivals");
  mkdirSync(own);
  const storage = join(own, "caddy");
  const caddyPort = await freePort();
  const caddyFile = join(own, "caddyfile");
  const { front } = stand.origin();
  writeFileSync(caddyFile, caddyEdge({ port: caddyPort, storage, origin: front.ports.https, authority: front.caFile }));
  const caddyLog = join(own, "caddy.log");
  const caddy = runCaddy(caddyFile, { name: "Caddy as an edge", folder: own, logFile: caddyLog });
  parts.push(caddy);
  const authority = caFile(storage);
  const begun = async (address: string, part: Part) => {
    for (;;)
      try {
        return await Promise.race([untilAnswers(`${address}/hls/0/stream.m3u8`, authority), part.died]);
      } catch (error) {
        // The authority's file comes some moments after the start.
        if (!`${error}`.includes("no such file")) throw error;
      }
  };
  await begun(`https://localhost:${caddyPort}`, caddy);
  const staticPort = await freePort();
  const staticFile = join(own, "nginx.conf");
  writeFileSync(staticFile, nginxConfiguration({ folder: own, root: stand.stage.folder, port: staticPort, storage }));
  const staticLog = join(own, "nginx.log");
  const nginx = startPart([nginxProgram(), "-p", own, "-c", staticFile], {
    ...{ name: "nginx", logFile: staticLog, env: nginxEnvironment() },
  });
  parts.push(nginx);
  await begun(`https://localhost:${staticPort}`, nginx);
  const rival = async (title: string, origin: string, file: string, logFile: string, of: Server["pids"]) => {
    const server: Server = { name: "nginx", title, origin, compressesVideo: false, logFile, pids: of };
    return { server, client: await makeHttpClient({ caFile: file }) };
  };
  const pidOf = (part: Part) => part.pid ?? Number.NaN;
  const at = (port: number) => `https://localhost:${port}`;
  return {
    edge: await rival("the edge", target.origin, edge.caFile, edge.logFile, pids),
    caddy: await rival("Caddy as an edge", at(caddyPort), authority, caddyLog, () => [pidOf(caddy)]),
    static: await rival("nginx, static", at(staticPort), authority, staticLog, () => withWorkers(pidOf(nginx))),
  };
}

/** An edge without a cache: Caddy passes each request on to the origin, whose certificate it checks. */
const caddyEdge = (edge: {
  readonly port: number;
  readonly storage: string;
  readonly origin: number;
  readonly authority: string;
}): string => `{
	admin off
	default_bind 127.0.0.1
	auto_https disable_redirects
	https_port ${edge.port}
	storage file_system "${edge.storage}"
	skip_install_trust
	servers {
		protocols h1 h2
	}
	log {
		level ERROR
	}
}

localhost {
	tls internal
	reverse_proxy https://127.0.0.1:${edge.origin} {
		header_up Host one.test
		transport http {
			tls_server_name one.test
			tls_trusted_ca_certs ${edge.authority}
		}
	}
}
`;
