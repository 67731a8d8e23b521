# The server: Owncast itself. It is restarted only when nothing is on air.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (import ./lib/stage-option.nix { inherit lib; }) internal onStages;
  cfg = config.services.lectern;
  devicesOf = import ./lib/encoder-devices.nix;
  declaration = import ./lib/declaration.nix { inherit lib pkgs config; };
  restart = import ./lib/restart.nix { inherit lib config; };

  stage =
    { config, ... }:
    {
      options.declaration = internal "The file that exists while a server of this declaration runs.";
      config.declaration = "${config.names.runtimeDir}/${declaration.ofService config.names.units.server}";
    };

  restartUnit =
    name: stage:
    lib.nameValuePair stage.names.units.restart (
      restart.serviceOffAir stage {
        what = "server of the stage ${name}";
        unit = stage.names.units.server;
        inherit (stage) declaration;
      }
    );

  unit =
    name: stage:
    let
      inherit (stage.names) user units stateDir;
      bootstrap = "${units.bootstrap}.service";
    in
    lib.nameValuePair units.server {
      description = "Owncast of the stage ${name}";
      # If bootstrap fails, the server does not start.
      requires = [ bootstrap ];
      after = [
        bootstrap
        "network.target"
      ];
      wantedBy = [ "multi-user.target" ];
      inherit (cfg) onFailure;
      # A switch never stops a stream: `restartUnit` waits for its end.
      restartIfChanged = false;
      startLimitIntervalSec = 0;
      # A start, such as that by a switch, reports after this time that bootstrap does not succeed. Bootstrap tries on, and
      # starts the server in the end.
      unitConfig.JobTimeoutSec = "5min";
      # nixpkgs' Owncast has its own; another package may look for them here.
      path = [
        pkgs.bash
        # Only the full one of nixpkgs has QuickSync.
        (if stage.settings.video.codec == "h264_qsv" then pkgs.ffmpeg-full else pkgs.ffmpeg-headless)
        pkgs.which
      ];
      # No seed and no secret here: a change would make another unit, and would end the stream.
      serviceConfig =
        import ./lib/hardening.nix
        // {
          Type = "exec";
          ExecStartPre = [ "${lib.getExe' pkgs.coreutils "touch"} ${stage.declaration}" ];
          ExecStart = lib.concatStringsSep " " [
            "${lib.getExe' pkgs.util-linux "flock"} --no-fork --timeout 60 ${stateDir}"
            "${lib.getExe stage.package} -webserverip 127.0.0.1 -webserverport ${toString stage.ports.web}"
            "-rtmpport ${toString stage.ports.owncastRtmp}"
          ];
          Restart = "always";
          RestartSec = "2s";
          User = user;
          Group = user;
          WorkingDirectory = stateDir;
          StateDirectory = "lectern/${name}";
          StateDirectoryMode = "0700";
          RuntimeDirectory = "owncast-${name}";
          # Not a link: Owncast would write through it but not remove old segments, and would fill the disk in an evening.
          BindPaths = "${stage.names.hlsDir}:${stateDir}/data/hls";
          # Caddy reads the segments by their folder's group.
          UMask = "0027";
          # Webhooks, object storage and the Fediverse are on other machines.
          IPAddressDeny = "";
          IPAddressAllow = "";
          # Go reads the length of the accept queue from /proc/sys, and the admin page shows the machine's load.
          ProcSubset = "all";
          # Bounds a leak or an attack, far above the need of any ladder: if systemd kills an encoder, all viewers lose the stream.
          # No MemoryHigh: a throttled encoder stutters for the rest of the evening.
          MemoryMax = lib.mkDefault "75%";
          # Encoders start 1.5 threads for each processor and rendition.
          TasksMax = lib.mkDefault 4096;
        }
        // devicesOf stage.settings.video.codec;
    };
in
{
  options.services.lectern.stages = onStages stage;

  config = lib.mkIf cfg.enable {
    systemd.services = lib.mapAttrs' unit cfg.stages // lib.mapAttrs' restartUnit cfg.stages;
  };
}
