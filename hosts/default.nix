# Each folder here is a machine, and the flake's nixosConfiguration has its name.
{ lib, lectern }:
let
  folders = lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir ./.);
in
lib.mapAttrs (
  host: _:
  lib.nixosSystem {
    modules = [
      lectern
      (./. + "/${host}")
    ];
  }
) folders
