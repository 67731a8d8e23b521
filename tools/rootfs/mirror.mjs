import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @typedef {import("../setup/machine.mjs").Machine} Machine */

const helper = "/usr/lib/apt/apt-helper";

/**
 * The mirrors of this machine's apt: first those that serve the suite here, then the others. apt itself prints them, so any form of
 * /etc/apt/sources.list works.
 * @param {string} printedUris what `apt-get update --print-uris` prints
 * @param {string} suite
 * @returns {string[]}
 */
export function mirrorsFor(printedUris, suite) {
  const found = [...printedUris.matchAll(/^'([a-z]+:\/\/[^' ]+)\/dists\/([^/']+)\/InRelease'/gm)];
  const ofSuite = found.filter(([, , named]) => named === suite);
  return [...new Set([...ofSuite, ...found].map(([, mirror = ""]) => mirror))];
}

/**
 * The first of this machine's mirrors that serves a suite; undefined if none does.
 * @param {Machine} machine
 * @param {string} suite
 */
export function findMirror({ output }, suite) {
  return mirrorsFor(output("apt-get", ["update", "--print-uris"]) ?? "", suite).find((mirror) => {
    const file = join(tmpdir(), `lectern-inrelease-${randomUUID()}`);
    try {
      return output(helper, ["download-file", `${mirror}/dists/${suite}/main/binary-all/Release`, file]) !== undefined;
    } finally {
      rmSync(file, { force: true });
    }
  });
}
