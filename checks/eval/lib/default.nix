# What the files beside this folder share: NixOS evaluated over the stub options, with nixpkgs' lib and nothing else.
{ libPath }:
let
  lib = (import libPath).extend (
    final: _: { nixosSystem = import ../../stub-nixpkgs/nixos-system.nix { lib = final; }; }
  );
  lectern = {
    imports = [ ../../../modules ];
  };
  nixos = modules: (lib.nixosSystem { inherit modules; }).config;
in
rec {
  inherit lib lectern nixos;

  # A small seed, for claims that hold for every seed.
  seedFile = ./seed.json;
  seed = lib.importJSON seedFile;

  # A host with one stage, `main`, made of the given modules on top of the small seed.
  host = stageModules: nixos (modulesOf stageModules);
  modulesOf = stageModules: [
    lectern
    {
      services.lectern = {
        enable = true;
        stages.main = lib.mkMerge (
          [
            {
              domain = lib.mkDefault "live.test";
              seed = lib.mkDefault seedFile;
            }
          ]
          ++ stageModules
        );
      };
    }
  ];

  # The stage's public address is none of a seed's: the module derives it from the domain, for every stage.
  withoutAddress = merged: lib.removeAttrs merged [ "serverUrl" ];

  # What such a host, or one of modules alone, has on disk: units and all, by path, as in checks/golden/.
  filesOf = modules: import ./golden.nix { inherit lib; } (lib.nixosSystem { inherit modules; });
  files = stageModules: filesOf (modulesOf stageModules);

  # The messages of a host's assertions that fail.
  refusals =
    config:
    map ({ message, ... }: message) (lib.filter ({ assertion, ... }: !assertion) config.assertions);

  # The seed that such a stage gets in the end.
  merged = stageModules: withoutAddress (host stageModules).services.lectern.stages.main.mergedSeed;

  # What the host's /etc/lectern/<stage>.json holds, once `lectern check` has found nothing.
  seedText =
    config: stage: config.environment.etc."lectern/${stage}.json".source.contents.attributes.seed;
  rendered = config: stage: withoutAddress (builtins.fromJSON (seedText config stage));

  # Evaluates a host as a build would: throws where NixOS would refuse it.
  build = config: builtins.seq config.system.build.toplevel.drvPath "builds";

  # The option tree's documentation, submodules and lists included.
  optionDocs = lib.filter (
    { name, internal, ... }: lib.hasPrefix "services.lectern." name && !internal
  ) (lib.optionAttrSetToDocList (lib.nixosSystem { modules = [ lectern ]; }).options);
}
