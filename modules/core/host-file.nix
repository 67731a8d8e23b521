# The host's stages for `lectern`: so `lectern plan main` needs no options.
{ config, lib, ... }:
let
  cfg = config.services.lectern;

  entry =
    _name: stage:
    let
      present = lib.filterAttrs (_: unit: config.systemd.services ? ${unit}) stage.names.units;
    in
    {
      inherit (stage) domain;
      inherit (stage.names) user stateDir;
      seed = stage.names.seedFile;
      owncastUrl = "http://127.0.0.1:${toString stage.ports.web}";
      serverUrl = "https://${stage.domain}";
      rtmpUrl = "rtmp://${stage.domain}:${toString stage.ports.rtmp}/live";
      inherit (stage.names) gateStatusSocket hlsDir;
      secrets = stage.secretFiles;
      units = lib.mapAttrs (_: unit: "${unit}.service") (
        present
        // lib.mapAttrs' (
          language: { unit, ... }: lib.nameValuePair "speech-${language}" unit
        ) stage.speechEngines
      );
    }
    // lib.optionalAttrs (stage.captionTracks != [ ]) {
      inherit (stage) captionsStatus;
      inherit (stage.names) transcriptsDir;
    }
    // lib.optionalAttrs (stage.edges != { }) { steerSocket = stage.names.steerControlSocket; };
in
{
  config = lib.mkIf cfg.enable {
    environment.etc."lectern/stages.json".text = builtins.toJSON (lib.mapAttrs entry cfg.stages);
    environment.systemPackages = [ cfg.package ];
  };
}
