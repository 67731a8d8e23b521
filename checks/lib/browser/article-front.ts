import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../src/lib/free-port.ts";
import { startPart } from "../../../src/local/part.ts";
import { untilAnswers } from "../../../src/local/servers.ts";
import type { Stand } from "../process/stand.ts";

/**
 * Puts a second front before a stage, as one writes it who reads Caddy's first page: all of it passed on to Owncast. Its
 * certificate is of the same authority. Resolves to its address when it answers; it ends with the stand.
 */
export async function startArticleFront({ run, parts, owncastUrl, caFile }: Stand): Promise<string> {
  const url = `https://localhost:${await freePort()}`;
  const config = join(run.dir, "Caddyfile-article");
  writeFileSync(
    config,
    `{
	admin off
	grace_period 1s
	skip_install_trust
	auto_https disable_redirects
	storage file_system "${run.caddyDir}"
}

${url} {
	bind 127.0.0.1
	tls internal
	encode gzip
	reverse_proxy ${owncastUrl}
}
`,
  );
  const caddy = startPart([run.programs.caddy, "run", "--config", config, "--adapter", "caddyfile"], {
    ...{ name: "the article's Caddy", logFile: join(run.dir, "caddy-article.log"), cwd: run.dir },
    env: { ...process.env, HOME: run.dir, XDG_CONFIG_HOME: run.dir, XDG_DATA_HOME: run.dir },
  });
  parts.push(caddy);
  await Promise.race([untilAnswers(`${url}/api/status`, caFile), caddy.died]);
  return url;
}
