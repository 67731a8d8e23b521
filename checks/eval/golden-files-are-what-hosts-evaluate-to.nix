# Proves: checks/golden/ holds what the modules say of each host: units, sites, users, folders, firewall, seeds.
# After a change that is meant: npm run golden.
{
  libPath ? <nixpkgs/lib>,
}:
let
  inherit (import ./lib { inherit libPath; }) lib lectern;
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

  claimOf = host: system: {
    expr = filesOf system;
    expected = if lib.pathExists (golden + "/${host}") then filesBelow (golden + "/${host}") else { };
  };
in
{
  "every folder belongs to a host" = {
    expr = lib.attrNames (lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir golden));
    expected = lib.attrNames hosts;
  };
}
// lib.mapAttrs' (host: system: lib.nameValuePair "those of ${host}" (claimOf host system)) hosts
