import { join } from "node:path";

/**
 * The article's host: `encode gzip`, `reverse_proxy` and an access log, as nixpkgs' Caddy module writes them. With a certificate
 * of Caddy's own authority.
 */
export const articlesSite = (options: string, upstream: string, folder: string): string => `{
${options}	skip_install_trust
	log {
		level ERROR
	}
}

localhost {
	log {
		output file ${folder}/log/access-article.log
	}
	tls internal
	encode gzip
	reverse_proxy ${upstream}
}
`;

/** Caddy with only files: its minimal cost. */
export const fileServerSite = (options: string, root: string): string => `{
${options}	skip_install_trust
	log {
		level ERROR
	}
}

localhost {
	tls internal
	root * ${root}
	file_server
}
`;

/** nginx with its documentation's tuning for files. */
export function nginxConfiguration(site: {
  /** The folder for its own files. */
  readonly folder: string;
  readonly root: string;
  readonly port: number;
  /** The storage of a Caddy. nginx uses that Caddy's certificate. */
  readonly storage: string;
}): string {
  const { folder, root, port, storage } = site;
  const certificate = join(storage, "certificates/local/localhost/localhost");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `daemon off;
user root;
worker_processes auto;
pid ${folder}/pid;
error_log stderr error;
events {}
http {
	${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n\t")}
	types {
		video/mp2t ts;
		application/x-mpegURL m3u8;
	}
	access_log off;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 1000000;
	server {
		listen 127.0.0.1:${port} ssl;
		http2 on;
		ssl_protocols TLSv1.3;
		ssl_certificate ${certificate}.crt;
		ssl_certificate_key ${certificate}.key;
		root ${root};
	}
}
`;
}
