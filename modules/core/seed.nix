# The seed of each stage: what its file says, what Nix overrides, without what is not managed.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.lectern;

  # Each leaf is a default of its own: a default around the whole would be dropped at the first override.
  # A definition names its file, so that an error about the seed names the seed.
  defaultsFrom =
    file:
    lib.mapAttrsRecursive (
      _: value:
      lib.mkDefinition {
        file = toString file;
        value = lib.mkDefault value;
      }
    ) (lib.importJSON file);

  # As a path, not a text: so that it reaches the store of the machine that is built.
  assetsBeside =
    file:
    let
      folder = lib.removeSuffix ".json" (toString file);
    in
    if builtins.hasContext folder then folder else /. + folder;

  # Null is "not managed", and so is a group in which nothing is; entries of lists stay, for they are positions.
  managed =
    value:
    if lib.isAttrs value then
      lib.filterAttrs (_: inner: inner != null && inner != { }) (lib.mapAttrs (_: managed) value)
    else if lib.isList value then
      map managed value
    else
      value;

  # The seed as a file, once `lectern check` has found nothing: what types cannot say fails the build, with its own words.
  # Reads the pictures beside it as the host will. The host's own program, run by a Node of the machine that builds: with another
  # processor, that one cannot run the host's Node.
  check =
    name:
    { mergedSeed, assets, ... }:
    pkgs.runCommand "lectern-${name}.json"
      {
        seed = builtins.toJSON mergedSeed;
        passAsFile = [ "seed" ];
        nativeBuildInputs = [ pkgs.buildPackages.nodejs-slim_24 ];
      }
      (
        ''
          cp "$seedPath" ${name}.json
        ''
        + lib.optionalString (assets != null) ''
          ln -s ${lib.escapeShellArg "${assets}"} ${name}
        ''
        + ''
          node ${cfg.package}/share/lectern/src/main.ts check ${name}.json
          cp ${name}.json "$out"
        ''
      );

  stage =
    { config, name, ... }:
    {
      options = {
        mergedSeed = lib.mkOption {
          type = lib.types.raw;
          internal = true;
          readOnly = true;
          description = "Seed that is applied: the settings after merging, without nulls.";
        };
        checkedSeed = lib.mkOption {
          type = lib.types.raw;
          internal = true;
          readOnly = true;
          description = "The same as a file, which is built only when `lectern check` finds nothing.";
        };
      };

      config = {
        checkedSeed = check name config;
        settings = lib.mkMerge [
          (lib.mkIf (config.seed != null) (defaultsFrom config.seed))
          # Weaker than any default: whoever names another address knows better.
          { serverUrl = lib.mkOverride 1400 "https://${config.domain}"; }
        ];
        assets = lib.mkIf (config.seed != null && lib.pathExists (assetsBeside config.seed)) (
          lib.mkDefault (assetsBeside config.seed)
        );
        mergedSeed = managed config.settings;
      };
    };
in
{
  options.services.lectern.stages = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule stage);
  };

  config = lib.mkIf cfg.enable {
    # `lectern` looks for a seed's files in the folder beside it that has its name.
    environment.etc = lib.concatMapAttrs (
      name: stage:
      {
        "lectern/${name}.json".source = stage.checkedSeed;
      }
      // lib.optionalAttrs (stage.assets != null) { "lectern/${name}".source = stage.assets; }
    ) cfg.stages;
  };
}
