# Users and folders. Lectern never removes them: a stage that is declared again finds its state.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (cfg.webServer) group;

  usersOf = name: stage: {
    ${stage.names.user} = {
      isSystemUser = true;
      group = stage.names.user;
      description = "Owncast of the stage ${name}";
    };
  };

  foldersOf =
    _name: stage:
    let
      inherit (stage.names)
        user
        stateDir
        cacheDir
        hlsDir
        keptDir
        ;
    in
    [
      # Database and tokens: for the stage's user alone.
      "d ${stateDir} 0700 ${user} ${user} -"
      "d ${stateDir}/data 0700 ${user} ${user} -"
      "d ${cacheDir} 0755 root root -"
      # New segments get the folder's group, the web server's. So that server needs no group of the stage, and a reload is enough for
      # a new stage.
      "d ${hlsDir} 2750 ${user} ${group} -"
      "d ${keptDir} 2750 ${user} ${group} -"
      # What is in them keeps the former server's group if `front` changes.
      "Z ${hlsDir} - - ${group} -"
      "Z ${keptDir} - - ${group} -"
      # The server's unit mounts the folder of segments here.
      "d ${stateDir}/data/hls 0700 ${user} ${user} -"
      # The lock for one `lectern apply` at a time.
      "f /run/lectern/127.0.0.1-${toString stage.ports.web}.lock 0600 ${user} ${user} -"
    ];
in
{
  config = lib.mkIf cfg.enable {
    users.users = lib.concatMapAttrs usersOf cfg.stages;
    users.groups = lib.mapAttrs (_: _: { }) (lib.concatMapAttrs usersOf cfg.stages);

    systemd.tmpfiles.rules = [
      "d /var/lib/lectern 0755 root root -"
      "d /var/cache/lectern 0755 root root -"
      "d /run/lectern 0755 root root -"
    ]
    ++ lib.concatLists (lib.mapAttrsToList foldersOf cfg.stages);
  };
}
