import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "../../../src/lib/programs.ts";
import { named } from "./from-set-up.ts";
import { frontOf, type Golden, storePaths } from "./golden-files.ts";
import type { NodeSpec } from "./node-spec.ts";
import { laySpeech } from "./node-speech.ts";

type Binds = NodeSpec["binds"];

const tree = fileURLToPath(new URL("../../..", import.meta.url));
/** Where the nodes have this tree, the Node of the hosts, and the servers. */
const own = {
  tree: "/opt/lectern/tree",
  node: "/opt/lectern/node",
  caddy: "/opt/lectern/caddy",
  nginx: "/opt/lectern/nginx",
  owncast: "/opt/lectern/owncast",
} as const;

/**
 * Puts the programs where the golden units look for them: Owncast, Caddy, nginx and Lectern from this machine, all others
 * from the root file system. Writes into `root`, and returns the mounts that the node needs too.
 * @param faultyOwncast a program that replaces Owncast
 */
export function layPrograms(goldens: readonly Golden[], root: string, faultyOwncast?: string): Binds {
  const owncast = findProgram("owncast");
  const caddy = findProgram("caddy");
  const binds: Binds[number][] = [
    { source: tree, target: own.tree },
    { source: named("NODE24"), target: own.node },
    { source: caddy, target: own.caddy },
    { source: owncast, target: own.owncast },
  ];
  const stores = new Set(goldens.flatMap(storePaths));
  const nginx = () => dirname(dirname(named("NGINX")));
  if (goldens.some((golden) => frontOf(golden) === "nginx")) binds.push({ source: nginx(), target: own.nginx });
  for (const store of stores) {
    const name = store.replace(/^\/nix\/store\/[^-]+-/, "");
    if (/^owncast-[\d.]+$/.test(name)) binds.push({ source: faultyOwncast ?? owncast, target: `${store}/bin/owncast` });
    else if (/^caddy-[\d.]+$/.test(name)) binds.push({ source: caddy, target: `${store}/bin/caddy` });
    else if (/^nginx-[\d.]+$/.test(name)) binds.push({ source: nginx(), target: store });
    else if (/^mailcap-[\d.]+$/.test(name)) binds.push({ source: join(nginx(), "conf"), target: `${store}/etc/nginx` });
    else if (/^lectern-[\d.]+$/.test(name)) layLectern(join(root, store));
    else if (/^lectern-speech-[\d.]+$/.test(name)) binds.push(...laySpeech(join(root, store), goldens));
    else {
      mkdirSync(dirname(join(root, store)), { recursive: true });
      symlinkSync("/usr", join(root, store));
    }
  }
  return binds;
}

/**
 * Like the package: the hosts' Node runs the TypeScript without a build. It finds the modules that commands outside the node have
 * compiled, and writes none.
 */
function layLectern(store: string): void {
  mkdirSync(join(store, "bin"), { recursive: true });
  const compiled = `NODE_COMPILE_CACHE=${own.tree}/.cache/compiled NODE_COMPILE_CACHE_PORTABLE=1`;
  const script = `#!/bin/sh\nexport ${compiled}\nexec ${own.node} ${own.tree}/src/main.ts "$@"\n`;
  writeFileSync(join(store, "bin/lectern"), script, { mode: 0o755 });
}
