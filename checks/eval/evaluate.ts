import { fileURLToPath } from "node:url";
import { runNix } from "../lib/nix/nix.ts";

/** The modules' evaluated files, in the committed form. */
export interface Evaluated {
  /** Host → path below `checks/golden/<host>/` → content. */
  readonly hosts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The text of docs/options.md. The descriptions of types depend on the version of nixpkgs' `lib`. */
  readonly options: string;
}

const expression = `
  { here }:
  let
    inherit (import (/. + here) { libPath = <nixpkgs/lib>; }) lib lectern optionDocs;
    files = import (/. + here + "/golden.nix") { inherit lib; };
    hosts = import (/. + here + "/golden-hosts.nix") { inherit lib lectern; };
  in
  {
    hosts = lib.mapAttrs (_: files) hosts;
    options = import (/. + here + "/options-md.nix") { inherit lib; } optionDocs;
  }
`;

/** Evaluates the hosts with golden files, and the options. Builds, fetches and writes nothing. */
export async function evaluate(): Promise<Evaluated> {
  const here = fileURLToPath(new URL("lib", import.meta.url));
  const flags = ["--store", "dummy://", "--eval", "--strict", "--json"];
  return JSON.parse(await runNix("nix-instantiate", [...flags, "--argstr", "here", here, "--expr", expression]));
}
