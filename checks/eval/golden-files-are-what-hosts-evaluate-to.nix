# Proves: checks/golden/ matches each host's evaluation: units, sites, users, folders, firewall, seeds.
# After an intended change: npm run golden.
{ lib, lectern, ... }:
let
  hosts = import ./lib/golden-hosts.nix { inherit lib lectern; };
  golden = ../golden;
  filesOf = import ./lib/golden.nix { inherit lib; };

  # All files below a folder, by their relative paths.
  filesBelow =
    folder:
    lib.listToAttrs (
      map (
        file: lib.nameValuePair (lib.removePrefix "${toString folder}/" (toString file)) (lib.readFile file)
      ) (lib.filesystem.listFilesRecursive folder)
    );

  # Only names: `git diff` shows the differences best.
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
