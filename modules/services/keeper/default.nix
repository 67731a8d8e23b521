# The playlist keeper: Caddy asks it for playlists instead of Owncast. systemd holds its socket, so requests wait while the keeper
# restarts.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (import ../../core/lib/stage-option.nix { inherit lib; }) internal onStages;
  cfg = config.services.lectern;
  declaration = import ../../core/lib/declaration.nix { inherit lib pkgs config; };
  restart = import ../../core/lib/restart.nix { inherit lib config; };

  # Earlier versions called the keeper "hls". A switch stops every unit that it finds no file for, so the former names are
  # aliases: the open socket and the keeper's state go on under the new names. Until Caddy has been reloaded and the socket
  # has been restarted, each path leads to the same keeper: the new one by a link, which the socket then replaces.
  former = name: {
    unit = "lectern-${name}-hls";
    socket = "/run/lectern/${name}-hls.sock";
  };

  stage =
    { config, ... }:
    {
      options = {
        grace = lib.mkOption {
          type = lib.types.ints.between 0 3600;
          default = 30;
          example = 60;
          description = ''
            Grace in seconds: how long the camera may be gone. If it is back by then, players go on where they are. After that the
            stream is over for them.
          '';
        };
        keeperSocketDeclaration = internal "The file that exists while a keeper's socket of this declaration is open.";
      };
      config.keeperSocketDeclaration = "${config.names.keeperSocketRuntimeDir}/${declaration.ofSocket config.names.units.keeper}";
    };

  socket =
    name: stage:
    let
      hasCaptions = stage.captionTracks != [ ];
    in
    lib.nameValuePair stage.names.units.keeper {
      description = "Playlists of the stage ${name}";
      aliases = [ "${(former name).unit}.socket" ];
      wantedBy = [ "sockets.target" ];
      socketConfig = {
        # After the socket is open, so that no request waits for this program.
        ExecStartPost = [ "${lib.getExe' pkgs.coreutils "touch"} ${stage.keeperSocketDeclaration}" ];
        RuntimeDirectory = lib.removePrefix "/run/" stage.names.keeperSocketRuntimeDir;
        ListenStream = [
          stage.names.keeperSocket
          (former name).socket
        ]
        # A path of its own, because the captions service does not see /run/lectern.
        ++ lib.optional hasCaptions stage.names.captionsKeeperSocket
        ++ lib.optional (stage.ports.keeper != null) "127.0.0.1:${toString stage.ports.keeper}";
        # For the web server and root alone, and for the captions service.
        SocketUser = cfg.webServer.user;
        SocketMode = if hasCaptions then "0660" else "0600";
        # All viewers may send requests at the same time.
        Backlog = 4096;
        # systemd starts a failing keeper again and again. Until it runs, Caddy asks Owncast.
        TriggerLimitIntervalSec = 0;
      }
      // lib.optionalAttrs hasCaptions { SocketGroup = stage.names.captionsUser; };
    };

  unit =
    name: stage:
    let
      inherit (stage.names)
        user
        units
        hlsDir
        keptDir
        cacheDir
        ;
      hasEdges = stage.edges != { };
    in
    lib.nameValuePair units.keeper {
      description = "Playlist keeper of the stage ${name}";
      requires = [ "${units.keeper}.socket" ];
      after = [ "${units.keeper}.socket" ];
      aliases = [ "${(former name).unit}.service" ];
      # Started without a request too: it must see all changes by Owncast.
      wantedBy = [ "multi-user.target" ];
      inherit (cfg) onFailure;
      # A switch restarts it at once: players wait longer if it is stopped first and started last.
      stopIfChanged = false;
      startLimitIntervalSec = 0;
      # It reads the list of edges when it starts.
      restartTriggers = lib.optional hasEdges (builtins.toJSON stage.edges);
      serviceConfig = import ../../core/lib/lectern-hardening.nix // {
        Type = "exec";
        ExecStart = lib.concatStringsSep " " (
          [
            "${lib.getExe cfg.package} keeper --owncast http://127.0.0.1:${toString stage.ports.web}"
            "--hls-dir ${hlsDir} --kept-dir ${keptDir} --listen systemd --grace ${toString stage.grace}"
          ]
          ++ lib.optional hasEdges "--edges ${stage.names.edgesFile} --order-file ${stage.names.edgesOrderFile}"
          ++ lib.optional (stage.captionTracks != [ ]) "--captions-dir ${stage.names.captionsDir}"
        );
        Restart = "always";
        RestartSec = "200ms";
        User = user;
        Group = user;
        # The folder above both, because a hard link cannot cross mounts.
        ReadWritePaths = cacheDir;
        # Caddy reads the segments by their folder's group.
        UMask = "0027";
      };
    };

  update =
    _: stage:
    lib.nameValuePair stage.names.units.keeperUpdate (
      restart.socket {
        unit = stage.names.units.keeper;
        declaration = stage.keeperSocketDeclaration;
      }
    );
in
{
  options.services.lectern.stages = onStages stage;

  config = lib.mkIf cfg.enable {
    systemd.sockets = lib.mapAttrs' socket cfg.stages;
    systemd.services = lib.mapAttrs' unit cfg.stages // lib.mapAttrs' update cfg.stages;
    systemd.tmpfiles.rules = lib.mapAttrsToList (
      name: stage: "L ${stage.names.keeperSocket} - - - - ${(former name).socket}"
    ) cfg.stages;
  };
}
