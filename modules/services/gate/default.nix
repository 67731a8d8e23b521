# The gate: cameras connect to it and never to Owncast. It checks keys and streams, and passes streams on. The package contains
# the ffmpeg that measures the sound's level.
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
  inherit (import ../../core/lib/networks.nix { inherit lib; }) isAddress;
  hardening = import ../../core/lib/lectern-hardening.nix;
  inherit (config.networking) enableIPv6;

  stage =
    { config, ... }:
    {
      options = {
        ingest.listen = lib.mkOption {
          type = lib.types.str;
          default = if enableIPv6 then "::" else "0.0.0.0";
          defaultText = lib.literalMD "`\"::\"`, which is every address; `\"0.0.0.0\"` if {option}`networking.enableIPv6` is off";
          example = "192.0.2.10";
          description = ''
            Address on which the gate listens for cameras. With `127.0.0.1`, only cameras that come through a tunnel on this machine can publish.
                    Networks that may publish are named in {option}`ingest.allow`.
          '';
        };
        gateDeclaration = internal "The file that exists while a gate of this declaration runs.";
      };
      config.gateDeclaration = "${config.names.gateRuntimeDir}/${declaration.ofService config.names.units.gate}";
    };

  userOf = name: stage: {
    ${stage.names.gateUser} = {
      isSystemUser = true;
      group = stage.names.gateUser;
      description = "Gate of the stage ${name}";
    };
  };

  update =
    name: stage:
    lib.nameValuePair stage.names.units.gateUpdate (
      restart.serviceOffAir stage {
        what = "gate of the stage ${name}";
        unit = stage.names.units.gate;
        declaration = stage.gateDeclaration;
      }
    );

  gate =
    name: stage:
    let
      inherit (stage.names)
        gateUser
        units
        seedFile
        gateKeysDir
        gateStatusSocket
        ;
      keys = "${units.gateKeys}.service";
      hasInterpreters = lib.any ({ source, ... }: source == "interpreter") stage.captionTracks;
      host =
        if lib.hasInfix ":" stage.ingest.listen then "[${stage.ingest.listen}]" else stage.ingest.listen;
    in
    lib.nameValuePair units.gate {
      description = "Gate of the stage ${name}, where cameras publish";
      wants = [ keys ];
      # Not after the server: cameras wait at the gate while the server restarts. And the gate does not want the server: its
      # restart would start a server that somebody has stopped.
      after = [
        keys
        "network.target"
      ];
      wantedBy = [ "multi-user.target" ];
      inherit (cfg) onFailure;
      # A switch never ends a stream: `update` waits for its end.
      restartIfChanged = false;
      startLimitIntervalSec = 0;
      serviceConfig = hardening // {
        Type = "exec";
        ExecStartPre = [ "${lib.getExe' pkgs.coreutils "touch"} ${stage.gateDeclaration}" ];
        ExecStart = lib.concatStringsSep " " (
          [
            "${lib.getExe cfg.package} gate --listen ${host}:${toString stage.ports.rtmp}"
            "--owncast 127.0.0.1:${toString stage.ports.owncastRtmp}"
            "--owncast-url http://127.0.0.1:${toString stage.ports.web}"
            "--seed ${seedFile} --secrets ${gateKeysDir} --status unix:${gateStatusSocket}"
          ]
          ++ lib.optional hasInterpreters "--captions unix:${stage.names.captionsInputsSocket}"
        );
        Restart = "always";
        RestartSec = "1s";
        User = gateUser;
        Group = gateUser;
        RuntimeDirectory = "gate-${name}";
        # The ffmpeg that measures the sound's level gets the lowest priority.
        SystemCallFilter = hardening.SystemCallFilter ++ [ "setpriority" ];
        # If memory runs out, the kernel ends ffmpeg first. The stream goes on without it.
        OOMPolicy = "continue";
        # Cameras are on other machines.
        IPAddressDeny = "";
        IPAddressAllow = "";
      };
    };

  # Gives the gate its stream keys. A unit of its own, because a credential cannot be replaced while its unit runs, and a restart of
  # the gate ends the stream. It runs whenever Owncast gets the keys, so that both always have the same ones.
  keys =
    name: stage:
    let
      inherit (stage.names) gateUser units gateKeysDir;
      tellsOwncast = [
        "${units.config}.service"
        "${units.server}.service"
      ];
    in
    lib.nameValuePair units.gateKeys {
      description = "Stream keys for the gate of the stage ${name}";
      requires = stage.secretMakers;
      after = stage.secretMakers;
      # The target wants it for the first switch.
      wantedBy = [ "multi-user.target" ] ++ tellsOwncast;
      partOf = tellsOwncast;
      inherit (cfg) onFailure;
      serviceConfig = hardening // {
        Type = "oneshot";
        # Without it, each switch would load the keys again for the gate, but not for Owncast.
        RemainAfterExit = true;
        ExecStart = "${lib.getExe cfg.package} gate-keys --from %d --to ${gateKeysDir}";
        User = gateUser;
        Group = gateUser;
        LoadCredential = stage.keyCredentials;
        RuntimeDirectory = lib.removePrefix "/run/" gateKeysDir;
        RuntimeDirectoryMode = "0700";
        # While this unit restarts, the gate keeps the old keys.
        RuntimeDirectoryPreserve = true;
        PrivateNetwork = true;
        RestrictAddressFamilies = "none";
      };
    };

  faultOf =
    listen:
    if !isAddress listen then
      "is not an address: give an address of this machine, such as 192.0.2.10 or 2001:db8::10, or 0.0.0.0 for all"
    else if lib.hasInfix ":" listen && !enableIPv6 then
      "is an IPv6 address, and networking.enableIPv6 is off: give an IPv4 address, such as 0.0.0.0 for all"
    else
      null;
in
{
  imports = [ ./owncast-port.nix ];

  options.services.lectern.stages = onStages stage;

  config = lib.mkIf cfg.enable {
    systemd.services = lib.foldl' (units: unit: units // lib.mapAttrs' unit cfg.stages) { } [
      gate
      keys
      update
    ];
    users.users = lib.concatMapAttrs userOf cfg.stages;
    users.groups = lib.mapAttrs (_: _: { }) (lib.concatMapAttrs userOf cfg.stages);

    assertions = lib.mapAttrsToList (
      name:
      { ingest, ... }:
      let
        fault = faultOf ingest.listen;
      in
      {
        assertion = fault == null;
        message = "services.lectern.stages.${name}.ingest.listen is \"${ingest.listen}\", which ${toString fault}.";
      }
    ) cfg.stages;
  };
}
