# Secrets: where each lies, and the unit that makes those that nobody gave.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  namesOf = import ./lib/stage.nix;
  secretsOf = import ./lib/find-secrets.nix { inherit lib; };

  # Each secret's file, and whether it is made on this host.
  stage =
    { config, name, ... }:
    let
      names = secretsOf config.mergedSeed;
      placeOf =
        secret:
        let
          given = config.secrets ? ${secret};
        in
        {
          generated = !given && lib.elem secret names.generatable;
          file = if given then config.secrets.${secret}.file else "${(namesOf name).secretsDir}/${secret}";
        };
    in
    {
      options = {
        secretFiles = lib.mkOption {
          type = lib.types.raw;
          internal = true;
          readOnly = true;
          description = "Each secret that the seed names: `file`, and whether it is `generated`.";
        };
        credentials = lib.mkOption {
          type = lib.types.raw;
          internal = true;
          readOnly = true;
          description = "The secrets as LoadCredential wants them.";
        };
        keyCredentials = lib.mkOption {
          type = lib.types.raw;
          internal = true;
          readOnly = true;
          description = "The same for the stream keys alone.";
        };
      };
      config = {
        secretFiles = lib.genAttrs names.all placeOf;
        credentials = credentialsOf config.secretFiles;
        keyCredentials = credentialsOf (lib.getAttrs names.streamKeys config.secretFiles);
      };
    };

  credentialsOf = lib.mapAttrsToList (secret: { file, ... }: "${secret}:${file}");

  makesSecrets =
    _: { secretFiles, ... }: lib.any ({ generated, ... }: generated) (lib.attrValues secretFiles);

  unit =
    name: stage:
    let
      inherit (namesOf name) units seedFile secretsDir;
      # A file here that nobody reads would look like the secret.
      given = lib.attrNames stage.secrets;
    in
    lib.nameValuePair units.secrets {
      description = "Secrets of the stage ${name} that nobody gave";
      inherit (cfg) onFailure;
      # It stays inactive when it is done: so whoever requires it finds a missing secret made again.
      # The others load theirs by LoadCredential, which fails before any ExecStartPre when a file is missing.
      serviceConfig = import ./lib/lectern-hardening.nix // {
        Type = "oneshot";
        ExecStart = lib.concatStringsSep " " (
          [ "${lib.getExe cfg.package} secrets --make --seed ${seedFile} --folder ${secretsDir}" ]
          ++ lib.optional (given != [ ]) "--except"
          ++ given
        );
        # As root, for nobody else may read them; without any of root's powers.
        StateDirectory = "lectern-secrets/${name}";
        StateDirectoryMode = "0700";
        PrivateNetwork = true;
        RestrictAddressFamilies = "none";
      };
    };
in
{
  options.services.lectern.stages = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule stage);
  };

  config = lib.mkIf cfg.enable {
    systemd.services = lib.mapAttrs' unit (lib.filterAttrs makesSecrets cfg.stages);
  };
}
