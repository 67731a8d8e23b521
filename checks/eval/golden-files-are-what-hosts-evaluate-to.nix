# Proves: checks/golden/ holds what the modules say of each host: units, sites, users, folders, firewall, seeds.
# After a change that is meant: npm run golden.
{ lib, lectern, ... }:
let
  hosts = import ./lib/golden-hosts.nix { inherit lib lectern; };
  golden = ../golden;
  filesOf = import ./lib/golden.nix { inherit lib; };

  # Every file below a folder, by its path from there.
  filesBelow =
    folder:
    lib.listToAttrs (
      map (
        file: lib.nameValuePair (lib.removePrefix "${toString folder}/" (toString file)) (lib.readFile file)
      ) (lib.filesystem.listFilesRecursive folder)
    );

  # By name: what differs in them, `git diff` shows best.
  claimOf =
    host: system:
    let
      evaluated = filesOf system;
      written = if lib.pathExists (golden + "/${host}") then filesBelow (golden + "/${host}") else { };
      names = lib.attrNames (evaluated // written);
    in
    {
      expr = lib.filter (name: evaluated.${name} or null != written.${name} or null) names;
      expected = [ ];
    };
in
{
  "every folder belongs to a host" = {
    expr = lib.attrNames (lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir golden));
    expected = lib.attrNames hosts;
  };
}
// lib.mapAttrs' (
  host: system:
  lib.nameValuePair "${host}: no file is missing, stale or left over" (claimOf host system)
) hosts
