# Each stage's seed: the seed's file with the overrides of Nix, and without unmanaged settings.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (import ./lib/stage-option.nix { inherit lib; }) internal onStages;
  cfg = config.services.lectern;

  # Each leaf is a default of its own, because one override would drop a default around the whole.
  # A definition names its file, so that an error names the seed.
  defaultsFrom =
    file:
    lib.mapAttrsRecursive (
      _: value:
      lib.mkDefinition {
        file = toString file;
        value = lib.mkDefault value;
      }
    ) (lib.importJSON file);

  # A path and no text, so that the file reaches the store of the built host.
  assetsBeside =
    file:
    let
      folder = lib.removeSuffix ".json" (toString file);
    in
    if builtins.hasContext folder then folder else /. + folder;

  # Null means "not managed", and so does an empty group. Entries of lists stay, because their position counts.
  managed =
    value:
    if lib.isAttrs value then
      lib.filterAttrs (_: inner: inner != null && inner != { }) (lib.mapAttrs (_: managed) value)
    else if lib.isList value then
      map managed value
    else
      value;

  # The seed as a file, if `lectern check` finds no fault: faults that types cannot find fail the build. Checks the pictures beside it
  # as well. The host's `lectern` runs on the build machine's Node, because that machine may have another processor.
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
        mergedSeed = internal "The seed that is applied: the merged settings, without nulls.";
        checkedSeed = internal "The same as a file, which is built only if `lectern check` finds no fault.";
      };

      config = {
        checkedSeed = check name config;
        settings = lib.mkMerge [
          (lib.mkIf (config.seed != null) (defaultsFrom config.seed))
          # Any other default overrides it.
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
  options.services.lectern.stages = onStages stage;

  config = lib.mkIf cfg.enable {
    # `lectern` looks for a seed's files in the folder of the same name beside it.
    environment.etc = lib.concatMapAttrs (
      name: stage:
      {
        "lectern/${name}.json".source = stage.checkedSeed;
      }
      // lib.optionalAttrs (stage.assets != null) { "lectern/${name}".source = stage.assets; }
    ) cfg.stages;
  };
}
