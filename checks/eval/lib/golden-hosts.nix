# The hosts with golden files: all machines of hosts/, the template, and the hosts of the systemd lane.
{ lib, lectern }:
let
  nixos = module: lib.nixosSystem { modules = [ lectern ] ++ [ module ]; };
  testHosts = ../hosts;
in
import ../../../hosts { inherit lib lectern; }
// {
  template = nixos ../../../template/configuration.nix;
}
// lib.mapAttrs' (
  file: _: lib.nameValuePair (lib.removeSuffix ".nix" file) (nixos (testHosts + "/${file}"))
) (lib.filterAttrs (file: _: lib.hasSuffix ".nix" file) (builtins.readDir testHosts))
