# `pkgs.testers.runNixOSTest`: every machine is evaluated like a host, with the additional options of a test.
# The result is never run. Tests read its script.
{
  lib,
  system,
  built,
}:
test:
let
  names = lib.attrNames test.nodes;

  machine =
    name: module:
    (import ./nixos-system.nix { inherit lib; } {
      modules = [
        ./options/testing.nix
        {
          nixpkgs.hostPlatform = system;
          networking = {
            hostName = lib.mkDefault name;
            primaryIPAddress = "192.168.1.${toString (1 + lib.lists.findFirstIndex (n: n == name) null names)}";
          };
          # A test's machines boot without either.
          boot.loader.grub.enable = false;
          _module.args.nodes = nodes;
        }
        module
      ];
    }).config;

  nodes = lib.mapAttrs machine test.nodes;

  testScript =
    if lib.isFunction test.testScript then test.testScript { inherit nodes; } else test.testScript;
in
assert
  lib.removeAttrs test [
    "name"
    "nodes"
    "testScript"
  ] == { };
let
  contents = {
    inherit testScript;
    machines = lib.mapAttrs (_: { system, ... }: system.build.toplevel.drvPath) nodes;
  };
in
# nix flake check only checks that this is a derivation, so its contents must be evaluated first.
builtins.seq (builtins.toJSON contents) (built "vm-test-run-${test.name}" contents)
// {
  inherit testScript nodes;
}
