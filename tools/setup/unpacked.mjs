import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./machine.mjs";

/**
 * Debian's packages of which one program is run here. They are unpacked and never installed: that would start a public web
 * server on port 80. `instead` is what a person can do who does without.
 */
export const unpacked = /** @type {const} */ ({
  caddy: { program: "usr/bin/caddy", instead: "set CADDY to an existing Caddy 2.6 or later" },
  nginx: { program: "usr/sbin/nginx", instead: "set NGINX to an existing nginx" },
});

/** @typedef {keyof typeof unpacked} Unpacked */

/**
 * Where such a program is unpacked to: another release or architecture, another place.
 * @param {Unpacked} name
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function unpackedPath(name, env) {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const [, codename = "unknown"] = /^VERSION_CODENAME=(\S+)$/m.exec(release) ?? [];
  return join(cacheFolder(env), name, `${codename}-${process.arch}`, name);
}
