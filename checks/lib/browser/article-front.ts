import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../src/lib/free-port.ts";
import { runCaddy } from "../../../src/local/caddy.ts";
import { untilAnswers } from "../../../src/local/part.ts";
import type { Stand } from "../process/stand.ts";

/**
 * Puts a second front before a stage, as on the first page of Caddy's manual: it sends every request to Owncast. Its
 * certificate is of the same authority. Resolves to its address when it responds. It ends with the stand. `first`: directives that
 * come before.
 */
export async function startArticleFront(
  { folder, parts, owncastUrl, caddyDir, caFile }: Stand,
  first = "",
): Promise<string> {
  const url = `https://localhost:${await freePort()}`;
  const config = join(folder, "Caddyfile-article");
  writeFileSync(
    config,
    `{
	admin off
	grace_period 1s
	skip_install_trust
	auto_https disable_redirects
	storage file_system "${caddyDir}"
}

${url} {
	bind 127.0.0.1
	tls internal
${first}	encode gzip
	reverse_proxy ${owncastUrl}
}
`,
  );
  const caddy = runCaddy(config, { name: "the article's Caddy", folder });
  parts.push(caddy);
  await Promise.race([untilAnswers(`${url}/api/status`, caFile), caddy.died]);
  return url;
}
