import { join } from "node:path";

/**
 * The article's host, as nixpkgs' Caddy module writes `encode gzip` and `reverse_proxy` out, access log and all; with a
 * certificate of Caddy's own authority.
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

/** Caddy with nothing but files: what it costs at least. */
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

/** nginx as its documentation tunes it for files. */
export function nginxConfiguration(site: {
  /** For its own files. */
  readonly folder: string;
  readonly root: string;
  readonly port: number;
  /** The storage of the Caddy whose certificate it has. */
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
		listen 127.0.0.1:${port} ssl http2;
		ssl_protocols TLSv1.3;
		ssl_certificate ${certificate}.crt;
		ssl_certificate_key ${certificate}.key;
		root ${root};
	}
}
`;
}
