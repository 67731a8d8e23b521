import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { testCertificates } from "../lib/process/certificates.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { goldenFile, hostsWith } from "../lib/site/golden-site.ts";

// Proves: a real nginx takes each host's nginx.conf, and warns of nothing.

const hosts = hostsWith("nginx");
const folder = mkdtempSync(join(tmpdir(), "lectern-nginx-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { NGINX: nginx = "" } = process.env;

/** What nginx says about a host's file. Its paths and addresses are moved into a folder of the test's own. */
function nginxOn(host: string, change = (text: string) => text): { status: number | null; stderr: string } {
  const own = mkdtempSync(join(folder, "host-"));
  for (const name of ["log", "run/nginx", "cache/lectern-edge"]) mkdirSync(join(own, name), { recursive: true });
  const files = { certificate: join(own, "site.pem"), key: join(own, "site.key"), empty: join(own, "empty") };
  writeFileSync(files.certificate, testCertificates.certificate);
  writeFileSync(files.key, testCertificates.key);
  writeFileSync(files.empty, "");
  // It opens what it would listen on.
  const socketOf = (address: string) => `unix:${join(own, address.replaceAll(/[^\w]+/g, "-"))}`;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${own}/${name};`,
  );
  // Sites that name no log write to the one that nginx was built with.
  const log = `access_log ${own}/log/access.log;`;
  const text = change(readFileSync(goldenFile("nginx", host), "utf8"))
    .replaceAll(/(?<=^\t*listen )\S+:\d+/gm, socketOf)
    .replaceAll(/\/nix\/store\/[\w./-]+(?=;)/g, files.empty)
    .replaceAll(/\/var\/lib\/[\w./-]+[./]key(\.pem)?(?=;)/g, files.key)
    .replaceAll(/\/var\/lib\/[\w./-]+\.pem(?=;)/g, files.certificate)
    .replaceAll(/(?<= |unix:)\/run\//g, `${own}/run/`)
    .replaceAll("/var/log/nginx/", `${own}/log/`)
    .replaceAll("/var/cache/", `${own}/cache/`)
    // nginx looks up an edge's origin when it starts.
    .replaceAll(/(?<=^\t*server )[\w.]+\.test(?=:\d+)/gm, "127.0.0.1")
    .replace("\nhttp {\n", `\nhttp {\n${[log, ...temporary].join("\n")}\n`);
  const file = join(own, "nginx.conf");
  writeFileSync(file, text);
  const { status, stderr, error } = spawnSync(nginx, ["-t", "-q", "-e", "stderr", "-p", own, "-c", file], {
    encoding: "utf8",
    // nginx reads this name as sockets that it shall take over.
    env: { ...process.env, NGINX: undefined },
  });
  if (error) throw error;
  return { status, stderr };
}

describe("nginx", needsNginx, () => {
  it.each(hosts)("takes the nginx.conf of %s without a warning", (host) => {
    expect(nginxOn(host)).toEqual({ status: 0, stderr: "" });
  });

  it("refuses a directive that it does not know, so this test can fail", () => {
    const { status, stderr } = nginxOn("one-nginx", (text) => text.replace("merge_slashes on;", "merge_slashs on;"));
    expect(status).toBe(1);
    expect(stderr).toContain("merge_slashs");
  });

  it("finds hosts of all forms", () => {
    expect(hosts).toEqual([
      ...["beside-nginx", "edge", "one-captions-nginx", "one-edges-nginx", "one-nginx"],
      ...["one-private-nginx", "origin-nginx", "two-nginx"],
    ]);
  });
});
