# Every folder here is a machine; its name is that of the flake's nixosConfiguration.
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
