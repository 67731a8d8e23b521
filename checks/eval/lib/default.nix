# The claims' shared attributes: NixOS evaluated over the stub options, with nixpkgs' lib alone.
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

  # A host with one stage, `main`: the given modules on top of the small seed.
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

  # No seed holds the stage's public address: the module derives it from the domain, for every stage.
  withoutAddress = merged: lib.removeAttrs merged [ "serverUrl" ];

  # The files of such a host, or of a host of modules alone, by path, as in checks/golden/.
  filesOf = modules: import ./golden.nix { inherit lib; } (lib.nixosSystem { inherit modules; });
  files = stageModules: filesOf (modulesOf stageModules);

  # The messages of a host's failed assertions.
  refusals =
    config:
    map ({ message, ... }: message) (lib.filter ({ assertion, ... }: !assertion) config.assertions);

  # The final seed of such a stage.
  merged = stageModules: withoutAddress (host stageModules).services.lectern.stages.main.mergedSeed;

  # The content of the host's /etc/lectern/<stage>.json, which `lectern check` accepts.
  seedText =
    config: stage: config.environment.etc."lectern/${stage}.json".source.contents.attributes.seed;
  rendered = config: stage: withoutAddress (builtins.fromJSON (seedText config stage));

  # Evaluates a host like a build: throws if NixOS would refuse it.
  build = config: builtins.seq config.system.build.toplevel.drvPath "builds";

  # The option tree's documentation, with submodules and lists.
  optionDocs = lib.filter (
    { name, internal, ... }: lib.hasPrefix "services.lectern." name && !internal
  ) (lib.optionAttrSetToDocList (lib.nixosSystem { modules = [ lectern ]; }).options);
}
