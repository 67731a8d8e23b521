# `system.build.toplevel` like that of NixOS: a failed assertion stops the build, and every option is evaluated.
{ config, lib, ... }:
let
  failed = map ({ message, ... }: "- ${message}") (
    lib.filter ({ assertion, ... }: !assertion) config.assertions
  );
  everythingElse = builtins.toJSON (
    lib.removeAttrs config [
      "_module"
      "assertions"
      "system"
    ]
  );
in
{
  system.build.toplevel =
    if failed == [ ] then
      # nix flake check only checks that this is a derivation, so its contents must be evaluated first.
      builtins.seq everythingElse (derivation {
        name = "nixos-system-${config.networking.hostName}";
        system = config.nixpkgs.hostPlatform;
        builder = "/bin/sh";
        config = everythingElse;
      })
    else
      throw "\nFailed assertions:\n${lib.concatLines failed}";
}
