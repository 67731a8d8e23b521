# The server: Owncast itself.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.lectern;
  devicesOf = import ./lib/encoder-devices.nix;
  internal = import ./lib/internal.nix { inherit lib; };
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
      inherit (stage.names)
        user
        units
        stateDir
        hlsDir
        ;
      bootstrap = "${units.bootstrap}.service";
    in
    lib.nameValuePair units.server {
      description = "Owncast of the stage ${name}";
      # Closed when it fails: no bootstrap, no server.
      requires = [ bootstrap ];
      after = [
        bootstrap
        "network.target"
      ];
      wantedBy = [ "multi-user.target" ];
      inherit (cfg) onFailure;
      # A switch never stops a stream: the unit below waits for its end.
      restartIfChanged = false;
      startLimitIntervalSec = 0;
      # Whoever starts it, a switch too, hears after a while that bootstrap does not get through. It goes on trying, and
      # brings the server in the end.
      unitConfig.JobTimeoutSec = "5min";
      # nixpkgs' Owncast brings them along; another one looks for them here.
      path = [
        pkgs.bash
        # The one of nixpkgs that has QuickSync.
        (if stage.settings.video.codec == "h264_qsv" then pkgs.ffmpeg-full else pkgs.ffmpeg-headless)
        pkgs.which
      ];
      # No seed and no secret in here: a changed one would make it another unit, and would end the stream.
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
          # Not a link: Owncast would follow it to write, and not to remove what is over, and an evening would fill the disk.
          BindPaths = "${hlsDir}:${stateDir}/data/hls";
          # Caddy reads the segments by the group of their folder.
          UMask = "0027";
          # Webhooks, object storage and the Fediverse are outside.
          IPAddressDeny = "";
          IPAddressAllow = "";
          # How many connections may wait is in /proc/sys, and the admin page shows the machine's load.
          ProcSubset = "all";
          # A bound on a leak or an attack, far from what any ladder takes: an encoder that is killed is a loss for everybody. No
          # MemoryHigh: an encoder that is slowed down stutters for the rest of the evening.
          MemoryMax = lib.mkDefault "75%";
          # An encoder starts one and a half threads for each processor and rendition.
          TasksMax = lib.mkDefault 4096;
        }
        // devicesOf stage.settings.video.codec;
    };
in
{
  options.services.lectern.stages = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule stage);
  };

  config = lib.mkIf cfg.enable {
    systemd.services = lib.mapAttrs' unit cfg.stages // lib.mapAttrs' restartUnit cfg.stages;
  };
}
