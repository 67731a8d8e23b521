# The file of each secret, and the unit that makes missing secrets.
{ config, lib, ... }:
let
  inherit (import ./lib/stage-option.nix { inherit lib; }) internal onStages;
  cfg = config.services.lectern;
  secretsOf = import ./lib/find-secrets.nix { inherit lib; };

  stage =
    { config, ... }:
    let
      found = secretsOf config.mergedSeed;
      makes = anyGenerated ofOwncast;
      ofOwncast = lib.getAttrs found.ofOwncast config.secretFiles;
      placeOf =
        secret:
        let
          given = config.secrets ? ${secret};
        in
        {
          generated = !given && lib.elem secret found.generatable;
          file = if given then config.secrets.${secret}.file else "${config.names.secretsDir}/${secret}";
        };
    in
    {
      options = {
        secretFiles = internal "Each secret of the stage: `file`, and whether it is `generated`.";
        secretMakers = internal "The units that make Owncast's missing secrets: one, or none if all are given.";
        credentials = internal "Owncast's secrets as LoadCredential wants them.";
        keyCredentials = internal "The same for the keys that cameras and interpreters send.";
        captionsCredentials = internal "The same for the tokens of human captioners.";
      };
      config = {
        secretFiles = lib.genAttrs found.all placeOf;
        secretMakers = lib.optional makes "${config.names.units.secrets}.service";
        credentials = credentialsOf ofOwncast;
        keyCredentials = credentialsOf (
          lib.getAttrs (found.streamKeys ++ found.interpreterKeys) config.secretFiles
        );
        captionsCredentials = credentialsOf (lib.getAttrs found.captionsTokens config.secretFiles);
      };
    };

  anyGenerated = files: lib.any ({ generated, ... }: generated) (lib.attrValues files);
  credentialsOf = lib.mapAttrsToList (secret: { file, ... }: "${secret}:${file}");

  unit =
    name: stage:
    let
      inherit (stage.names) units seedFile secretsDir;
      # An unused file in this folder would look like the secret.
      given = lib.attrNames stage.secrets;
    in
    lib.nameValuePair units.secrets {
      description = "Missing secrets of the stage ${name}";
      inherit (cfg) onFailure;
      # It becomes inactive when it is done, so each unit that requires it runs it again. Those units load secrets by
      # LoadCredential, which fails before ExecStartPre if a file is missing.
      serviceConfig = import ./lib/lectern-hardening.nix // {
        Type = "oneshot";
        ExecStart = lib.concatStringsSep " " (
          [ "${lib.getExe cfg.package} secrets --make --seed ${seedFile} --folder ${secretsDir}" ]
          ++ lib.optional (given != [ ]) "--except"
          ++ given
        );
        # As root, because nobody else may read them; without root's powers.
        StateDirectory = "lectern-secrets/${name}";
        StateDirectoryMode = "0700";
        PrivateNetwork = true;
        RestrictAddressFamilies = "none";
      };
    };
in
{
  options.services.lectern.stages = onStages stage;

  config = lib.mkIf cfg.enable {
    systemd.services = lib.mapAttrs' unit (
      lib.filterAttrs (_: stage: anyGenerated stage.secretFiles) cfg.stages
    );
  };
}
