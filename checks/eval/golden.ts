// `npm run golden`: writes checks/golden/ anew from what the modules evaluate to. `git diff` shows what a change means.

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runNix } from "./nix.ts";

const folder = fileURLToPath(new URL("../golden", import.meta.url));

const expression = `
  let
    inherit (import ${fileURLToPath(new URL("lib", import.meta.url))} { libPath = <nixpkgs/lib>; }) lib lectern;
    files = import ${fileURLToPath(new URL("lib/golden.nix", import.meta.url))} { inherit lib; };
    hosts = import ${fileURLToPath(new URL("lib/golden-hosts.nix", import.meta.url))} { inherit lib lectern; };
  in
  lib.mapAttrs (_: files) hosts
`;

const text = await runNix("nix-instantiate", [
  ...["--store", "dummy://", "--eval", "--strict", "--json"],
  ...["--expr", expression],
]);
const hosts = JSON.parse(text) as Record<string, Record<string, string>>;

await mkdir(folder, { recursive: true });
for (const entry of await readdir(folder)) await rm(join(folder, entry), { recursive: true });
for (const [host, files] of Object.entries(hosts))
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, host, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
process.stderr.write(`checks/golden/: ${Object.keys(hosts).join(", ")}\n`);
