import { readFileSync } from "node:fs";

/** What the configuration of an edge on this machine depends on. */
export interface EdgeSite {
  /** The port on loopback of the edge's own page. */
  readonly port: number;
  /** The port on loopback of the stage's page, the origin. */
  readonly originPort: number;
  /** Whether nginx would give its workers to another user, who cannot read this folder. */
  readonly isRoot: boolean;
}

/** The log of an edge, in its folder: a line for each request for a segment. */
export const segmentLog = "segments.log";
/** The folder, in an edge's folder, with the file by which it proves itself. */
export const secretFolder = "secret";
/** In an edge's folder: a link to the folder of Caddy's authority. */
export const authorityLink = "authority";

/** In an edge's folder: the socket of its inner server. */
export const innerSocketFile = "inner.sock";
/** In an edge's folder: its certificate, which Caddy makes and renews. */
export const certificateFile = `${authorityLink}/certificates/local/localhost/localhost.crt`;

const template = (name: string): string =>
  readFileSync(new URL(`../../generated/site/${name}.nginx`, import.meta.url), "utf8");

// By its working folder: the folder's own path may have letters that mean something in nginx's configuration.
const here = "/proc/self/cwd";
const innerSocket = `${here}/${innerSocketFile}`;
// A segment is kept for 10 minutes, and this machine has all edges on one disk.
const cacheSize = "50m";

/**
 * The configuration of an edge on this machine: the sites that NixOS writes for an edge with `mode = "full"`, between the lines that
 * NixOS has around them. One thing differs: requests for segments are logged, to count them. For nginx 1.19.10 and later.
 */
export function edgeConfiguration(site: EdgeSite): string {
  const values = {
    ...{ site: "edge", domain: "localhost", hsts: "", accessLog: `${here}/access.log` },
    ...{ originName: "localhost", originHost: `localhost:${site.originPort}` },
    originAddress: `127.0.0.1:${site.originPort}`,
    originAuthorities: `${here}/${authorityLink}/pki/authorities/local/root.crt`,
  };
  const host = { cacheFolder: `${here}/cache`, cacheSize, innerSocket };
  return `${site.isRoot ? "user root;\n" : ""}daemon off;
pid nginx.pid;
error_log stderr;
worker_processes 1;
events {
  worker_connections 1024;
}
http {
${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((each) => `  ${each}_temp_path ${each};\n`).join("")}  access_log off;
  default_type application/octet-stream;
  log_format lectern_segments "$status $body_bytes_sent $uri $upstream_status";
${filled("host", { edgeDoor: "" })}
${filled("edge-host", { ...host, secretFile: `include ${here}/${secretFolder}/*.nginx;` })}
${filled("edge-site", values)}
  server {
    listen 127.0.0.1:${site.port} ssl http2;
    server_name localhost;
    ssl_certificate ${here}/${certificateFile};
    ssl_certificate_key ${here}/${certificateFile.replace(/crt$/, "key")};
    if ($host !~ "^(localhost)$") { return 421; }
${withSegmentLog(filled("edge-full", values))}
  }
  server {
    listen unix:${innerSocket};
    server_name localhost;
${filled("edge-inner", values)}
  }
}
`;
}

/** A template with the values of its placeholders. */
const filled = (name: string, values: Readonly<Record<string, string>>): string =>
  Object.entries(values).reduce((text, [word, value]) => text.replaceAll(`@${word}@`, () => value), template(name));

const segmentsLocation = /(location ~ "\^\/hls\/\.\*\\\.\(ts\|vtt\)\\z" \{\n\s*access_log) off;/;

function withSegmentLog(text: string): string {
  if (!segmentsLocation.test(text)) throw new Error("generated/site/edge-full.nginx has no location of segments");
  return text.replace(segmentsLocation, (_, location) => `${location} ${here}/${segmentLog} lectern_segments;`);
}
