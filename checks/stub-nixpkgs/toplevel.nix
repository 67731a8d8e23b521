# `system.build.toplevel` as NixOS makes it: nothing is built while an assertion fails, and every option is evaluated.
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
      # nix flake check asks only whether this is a derivation: what is in it must be evaluated before.
      builtins.seq everythingElse (derivation {
        name = "nixos-system-${config.networking.hostName}";
        system = config.nixpkgs.hostPlatform;
        builder = "/bin/sh";
        config = everythingElse;
      })
    else
      throw "\nFailed assertions:\n${lib.concatLines failed}";
}
