# Packages by their nixpkgs names; each is a derivation that is never built. One that is not listed does not exist.
{ lib, system }:
let
  fake =
    name: attributes:
    derivation (
      {
        inherit name system;
        builder = "/bin/sh";
      }
      // attributes
    );
  packages = lib.genAttrs [
    "caddy"
    "deadnix"
    "ffmpeg-headless"
    "go"
    "nixfmt-tree"
    "nodejs_24"
  ] (name: fake name { });
in
packages
// {
  inherit lib;
  path = ./.;
  mkShell = { packages }: fake "shell" { inherit packages; };
  runCommand =
    name: attributes: script:
    fake name (attributes // { inherit script; });
}
