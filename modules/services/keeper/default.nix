# The playlist keeper: players ask it, by way of Caddy, instead of Owncast. Its socket is systemd's, so that requests wait
# while it is started anew.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.lectern;
  namesOf = import ../../core/lib/stage.nix;
  declaration = import ../../core/lib/declaration.nix { inherit lib pkgs config; };

  # Earlier versions called the keeper "hls". A switch stops every unit that it finds no file for, so the former names are
  # aliases: the open socket and the keeper's state go on under the new names. Until Caddy has been reloaded and the socket
  # has been restarted, each path leads to the same keeper: the new one by a link, which the socket then replaces.
  former = name: {
    unit = "lectern-${name}-hls";
    socket = "/run/lectern/${name}-hls.sock";
  };

  stage =
    { name, ... }:
    {
      options.keeperSocketDeclaration = lib.mkOption {
        type = lib.types.raw;
        internal = true;
        readOnly = true;
        description = "The file that is there while a keeper's socket of this declaration is open.";
      };
      config.keeperSocketDeclaration =
        let
          inherit (namesOf name) keeperSocketRuntimeDir units;
        in
        "${keeperSocketRuntimeDir}/${declaration.ofSocket config.systemd.sockets.${units.keeper}}";
    };

  socket =
    name: stage:
    lib.nameValuePair (namesOf name).units.keeper {
      description = "Playlists of the stage ${name}";
      aliases = [ "${(former name).unit}.socket" ];
      wantedBy = [ "sockets.target" ];
      socketConfig = {
        # Once it is open: nobody waits for this program.
        ExecStartPost = [ "${lib.getExe' pkgs.coreutils "touch"} ${stage.keeperSocketDeclaration}" ];
        RuntimeDirectory = lib.removePrefix "/run/" (namesOf name).keeperSocketRuntimeDir;
        ListenStream = [
          (namesOf name).keeperSocket
          (former name).socket
        ]
        ++ lib.optional (stage.ports.keeper != null) "127.0.0.1:${toString stage.ports.keeper}";
        # Caddy's, and root's.
        SocketUser = config.services.caddy.user;
        SocketMode = "0600";
        # Everybody who watches may ask at once.
        Backlog = 4096;
        # One that keeps failing is tried again: until it is there, Caddy asks Owncast.
        TriggerLimitIntervalSec = 0;
      };
    };

  unit =
    name: stage:
    let
      inherit (namesOf name)
        user
        units
        hlsDir
        keptDir
        cacheDir
        ;
    in
    lib.nameValuePair units.keeper {
      description = "Playlist keeper of the stage ${name}";
      requires = [ "${units.keeper}.socket" ];
      after = [ "${units.keeper}.socket" ];
      aliases = [ "${(former name).unit}.service" ];
      # Not only when somebody asks: it has to see what Owncast does.
      wantedBy = [ "multi-user.target" ];
      inherit (cfg) onFailure;
      # A restart costs nothing; a stop and a later start would let the answers stand still for longer.
      stopIfChanged = false;
      startLimitIntervalSec = 0;
      serviceConfig = import ../../core/lib/lectern-hardening.nix // {
        Type = "exec";
        ExecStart = lib.concatStringsSep " " [
          "${lib.getExe cfg.package} keeper --owncast http://127.0.0.1:${toString stage.ports.web}"
          "--hls-dir ${hlsDir} --kept-dir ${keptDir} --listen systemd --grace ${toString stage.grace}"
        ];
        Restart = "always";
        RestartSec = "200ms";
        User = user;
        Group = user;
        # The folder above both: a hard link cannot lead from one mount to another.
        ReadWritePaths = cacheDir;
        # Caddy reads the segments by the group of their folder.
        UMask = "0027";
      };
    };
in
{
  options.services.lectern.stages = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule stage);
  };

  config = lib.mkIf cfg.enable {
    systemd.sockets = lib.mapAttrs' socket cfg.stages;
    systemd.services = lib.mapAttrs' unit cfg.stages;
    systemd.tmpfiles.rules = lib.mapAttrsToList (
      name: _: "L ${(namesOf name).keeperSocket} - - - - ${(former name).socket}"
    ) cfg.stages;
  };
}
