# Proves: what a stage file became is what its host applies, and every stage file reaches a host.
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

  # Folders hold the files that the seeds beside them name.
  # A host whose stages are written in Nix alone has no folder of generated seeds.
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
