# Users and folders. Nothing here is ever removed: a stage that is declared again finds what it left.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (config.services) caddy;

  usersOf = name: stage: {
    ${stage.names.user} = {
      isSystemUser = true;
      group = stage.names.user;
      description = "Owncast of the stage ${name}";
    };
  };

  foldersOf =
    name: stage:
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
      # Database, tokens: nobody else's.
      "d ${stateDir} 0700 ${user} ${user} -"
      "d ${stateDir}/data 0700 ${user} ${user} -"
      "d ${cacheDir} 0755 root root -"
      # Segments: new files get the group of their folder, so Caddy reads them without being in any group of the stage's,
      # and a reload is enough for a new stage.
      "d ${hlsDir} 2750 ${user} ${caddy.group} -"
      "d ${keptDir} 2750 ${user} ${caddy.group} -"
      # Where the server's unit mounts the folder of segments.
      "d ${stateDir}/data/hls 0700 ${user} ${user} -"
      # One apply at a time on this server: the unit's, or a person's.
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
