# Steering: a service at the origin asks each edge whether it lives, and tells players which one to use.
{ config, lib, ... }:
let
  inherit (import ../../core/lib/stage-option.nix { inherit lib; }) internal onStages;
  cfg = config.services.lectern;
  stageNames = lib.attrNames cfg.stages;

  stageOf =
    { stage, ... }:
    if stage == null && lib.length stageNames == 1 then lib.head stageNames else stage;

  stage =
    { name, ... }:
    {
      options.edges = internal "The edges that serve the stage, by name.";
      config.edges = lib.filterAttrs (_: edge: stageOf edge == name) cfg.edges;
    };

  steered = lib.filterAttrs (_: { edges, ... }: edges != { }) cfg.stages;

  # For the steering service and the keeper.
  fileOf =
    _:
    { domain, edges, ... }:
    builtins.toJSON {
      origin = "https://${domain}";
      edges = lib.mapAttrsToList (
        name:
        {
          url,
          weight,
          networks,
          healthPath,
          ...
        }:
        {
          inherit
            name
            url
            weight
            networks
            healthPath
            ;
        }
      ) edges;
    };

  unit =
    name: stage:
    let
      inherit (stage) names ports;
    in
    lib.nameValuePair names.units.steer {
      description = "Steering of the stage ${name}'s viewers to edges";
      after = [ "network.target" ];
      wantedBy = [ "multi-user.target" ];
      inherit (cfg) onFailure;
      restartTriggers = [ (fileOf name stage) ];
      # A switch restarts it at once. Meanwhile players get an error, and stay where they are.
      stopIfChanged = false;
      startLimitIntervalSec = 0;
      serviceConfig = import ../../core/lib/lectern-hardening.nix // {
        Type = "exec";
        # It opens its sockets itself. If systemd held them, players would wait while it is down, instead of getting an error at once.
        ExecStart = lib.concatStringsSep " " (
          [
            "${lib.getExe cfg.package} steer --edges ${names.edgesFile}"
            "--listen unix:${names.steerSocket} --control unix:${names.steerControlSocket}"
            "--state-dir ${names.steerStateDir} --order-file ${names.edgesOrderFile}"
          ]
          ++ lib.optional (ports.steer != null) "--metrics 127.0.0.1:${toString ports.steer}"
        );
        Restart = "always";
        RestartSec = "200ms";
        User = names.steerUser;
        # The web server connects to its socket.
        Group = cfg.webServer.group;
        RuntimeDirectory = lib.removePrefix "/run/" names.steerRuntimeDir;
        # The keeper reads the edges' order there. Sockets in it are for their owner, or for the web server too.
        RuntimeDirectoryMode = "0755";
        UMask = "0002";
        # It keeps the drained edges.
        StateDirectory = lib.removePrefix "/var/lib/" names.steerStateDir;
        StateDirectoryMode = "0700";
        # The web server's group also reads keys of certificates, logs, a private stage's segments and its doors' secrets. This service
        # needs none of them, and sees nothing there but its own state.
        TemporaryFileSystem = [
          "/var/cache:ro"
          "/var/lib:ro"
          "/var/log:ro"
          "/run/lectern:ro"
        ];
        # Edges are on other machines.
        IPAddressDeny = "";
        IPAddressAllow = "";
      };
    };

  userOf = name: stage: {
    ${stage.names.steerUser} = {
      isSystemUser = true;
      group = stage.names.steerUser;
      description = "Steering of the stage ${name}";
    };
  };
in
{
  imports = [
    ./options.nix
    ./assertions.nix
  ];

  options.services.lectern.stages = onStages stage;

  config = lib.mkIf cfg.enable {
    environment.etc = lib.mapAttrs' (
      name: stage:
      lib.nameValuePair (lib.removePrefix "/etc/" stage.names.edgesFile) { text = fileOf name stage; }
    ) steered;
    systemd.services = lib.mapAttrs' unit steered;
    users.users = lib.concatMapAttrs userOf steered;
    users.groups = lib.mapAttrs (_: _: { }) (lib.concatMapAttrs userOf steered);
  };
}
