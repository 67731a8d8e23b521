# Proves: each host applies the generated seeds of its stage files, and every stage file belongs to a host.
{
  lib,
  lectern,
  rendered,
  build,
  ...
}:
let
  hosts = import ../../hosts { inherit lib lectern; };
  generated = ../../generated/seeds;
  foldersOf =
    path: lib.attrNames (lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir path));

  # Folders hold files that the seeds name.
  # A host with all stages in Nix has no folder of generated seeds.
  seedsOf =
    host:
    lib.optionalAttrs (lib.pathExists (generated + "/${host}")) (
      lib.mapAttrs' (
        file: _:
        lib.nameValuePair (lib.removeSuffix ".json" file) (lib.importJSON (generated + "/${host}/${file}"))
      ) (lib.filterAttrs (_: kind: kind == "regular") (builtins.readDir (generated + "/${host}")))
    );

  claimsOf =
    host:
    { config, ... }:
    {
      "${host} builds" = {
        expr = build config;
        expected = "builds";
      };
      "${host} applies its generated seeds, all of them and nothing else" = {
        expr = lib.mapAttrs (stage: _: rendered config stage) (
          lib.filterAttrs (_: { seed, ... }: seed != null) config.services.lectern.stages
        );
        expected = seedsOf host;
      };
    };
in
{
  "every folder of generated seeds belongs to a host" = {
    expr = lib.subtractLists (lib.attrNames hosts) (foldersOf generated);
    expected = [ ];
  };
}
// lib.concatMapAttrs claimsOf hosts
