# `lib.nixosSystem` over the stub options.
{ lib }:
{ modules }:
lib.evalModules {
  class = "nixos";
  modules = [
    ./options
    ./toplevel.nix
  ]
  ++ modules;
  specialArgs.modulesPath = ./nixos/modules;
}
