# Proves: hosts/ and the template use only settings that Owncast 0.2.4, of the locked nixpkgs, knows.
{ lib, lectern, ... }:
let
  hosts = import ./lib/golden-hosts.nix { inherit lib lectern; };
  machines = lib.attrNames (import ../../hosts { inherit lib lectern; }) ++ [ "template" ];
  sinceOf = import ../../generated/since.nix;
  nixpkgsHas = "0.2.4";
  newer = lib.filterAttrs (_: since: lib.versionOlder nixpkgsHas since) sinceOf;

  newSettingsOf =
    host:
    lib.concatLists (
      lib.mapAttrsToList (
        stage:
        { settings, ... }:
        map (path: "${stage}: ${path}") (
          lib.filter (path: lib.attrByPath (lib.splitString "." path) null settings != null) (
            lib.attrNames newer
          )
        )
      ) hosts.${host}.config.services.lectern.stages
    );
in
{
  "some settings are newer than nixpkgs' Owncast" = {
    expr = newer != { };
    expected = true;
  };

  "every listed path is a setting" = {
    expr = lib.filter (
      path:
      !lib.hasAttrByPath (lib.splitString "." path) hosts.one.config.services.lectern.stages.main.settings
    ) (lib.attrNames sinceOf);
    expected = [ ];
  };
}
// lib.listToAttrs (
  map (
    host:
    lib.nameValuePair "${host} uses no newer setting" {
      expr = newSettingsOf host;
      expected = [ ];
    }
  ) machines
)
