# `lib.nixosSystem` over the stub options.
{ lib }:
{ modules }:
lib.evalModules {
  class = "nixos";
  modules = [
    ./options
    ./toplevel.nix
    (
      { config, ... }:
      {
        _module.args.pkgs = import ./packages.nix {
          inherit lib;
          system = config.nixpkgs.hostPlatform;
          buildSystem = config.nixpkgs.buildPlatform;
        };
      }
    )
  ]
  ++ modules;
  specialArgs.modulesPath = ./nixos/modules;
}
