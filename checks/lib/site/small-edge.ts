import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../src/lib/free-port.ts";
import { startPart } from "../../../src/local/part.ts";
import { nginxProgram } from "./golden-nginx.ts";

/** A small nginx that passes a stage's video on and keeps nothing: what a plain proxy does wrong as an edge. */
export interface SmallEdge {
  /** Its address, without TLS. */
  readonly url: string;
  stop(): Promise<void>;
}

/** `origin`: where playlists and segments come from, as http://host:port. */
export async function startSmallEdge(name: string, folder: string, origin: string): Promise<SmallEdge> {
  const place = join(folder, name);
  mkdirSync(place);
  const port = await freePort();
  const pass = `proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass ${origin};`;
  writeFileSync(
    join(place, "nginx.conf"),
    `daemon off;
master_process off;
pid ${place}/pid;
error_log stderr;
events { worker_connections 256; }
http {
  access_log off;
  proxy_temp_path ${place}/proxy; client_body_temp_path ${place}/body; fastcgi_temp_path ${place}/fastcgi;
  uwsgi_temp_path ${place}/uwsgi; scgi_temp_path ${place}/scgi;
  server {
    listen 127.0.0.1:${port};
    location = /.well-known/lectern-edge { return 200 "edge: $connections_active connections\\n"; }
    location ~ \\.(m3u8|ts)$ { ${pass} }
  }
}
`,
  );
  // nginx itself reads the variable NGINX as a list of sockets.
  const env = { ...process.env, NGINX: undefined };
  const command = [nginxProgram(), "-e", "stderr", "-p", place, "-c", join(place, "nginx.conf")];
  const part = startPart(command, { name: `the edge ${name}`, logFile: join(place, "log"), cwd: place, env });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const answered = fetch(`${url}/.well-known/lectern-edge`).catch(() => undefined);
    if ((await Promise.race([answered, part.died]))?.ok) return { url, stop: () => part.stop() };
  }
}
