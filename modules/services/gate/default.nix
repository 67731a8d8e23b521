# The gate: cameras reach it and never Owncast. It checks their keys and their streams, and hands these on. The package brings
# the ffmpeg along that measures how loud the sound is.
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
  inherit (import ../../core/lib/networks.nix { inherit lib; }) isAddress;
  hardening = import ../../core/lib/lectern-hardening.nix;
  inherit (config.networking) enableIPv6;

  stage =
    { name, ... }:
    {
      options = {
        ingest.listen = lib.mkOption {
          type = lib.types.str;
          default = if enableIPv6 then "::" else "0.0.0.0";
          defaultText = lib.literalMD "`\"::\"`, which is every address; `\"0.0.0.0\"` if {option}`networking.enableIPv6` is off";
          example = "192.0.2.10";
          description = ''
            Address on which the gate listens for cameras. `127.0.0.1` leaves only those that come through a tunnel on this machine.
            Networks that may publish are named in {option}`ingest.allow`.
          '';
        };
        gateDeclaration = lib.mkOption {
          type = lib.types.raw;
          internal = true;
          readOnly = true;
          description = "The file that is there while a gate of this declaration runs.";
        };
      };
      config.gateDeclaration =
        let
          inherit (namesOf name) gateRuntimeDir units;
        in
        "${gateRuntimeDir}/${declaration.ofService config.systemd.services.${units.gate}}";
    };

  gate =
    name: stage:
    let
      inherit (namesOf name)
        gateUser
        units
        seedFile
        gateKeysDir
        gateStatusSocket
        ;
      keys = "${units.gateKeys}.service";
      host =
        if lib.hasInfix ":" stage.ingest.listen then "[${stage.ingest.listen}]" else stage.ingest.listen;
    in
    lib.nameValuePair units.gate {
      description = "Gate of the stage ${name}, where cameras publish";
      wants = [ keys ];
      # Not after the server: cameras that come while the server restarts wait at the gate. And it wants no server, or a gate
      # that restarts would start one that somebody has stopped.
      after = [
        keys
        "network.target"
      ];
      wantedBy = [ "multi-user.target" ];
      inherit (cfg) onFailure;
      # A switch never ends a stream: `restart.nix` waits for its end.
      restartIfChanged = false;
      startLimitIntervalSec = 0;
      serviceConfig = hardening // {
        Type = "exec";
        ExecStartPre = [ "${lib.getExe' pkgs.coreutils "touch"} ${stage.gateDeclaration}" ];
        ExecStart = lib.concatStringsSep " " [
          "${lib.getExe cfg.package} gate --listen ${host}:${toString stage.ports.rtmp}"
          "--owncast 127.0.0.1:${toString stage.ports.owncastRtmp}"
          "--owncast-url http://127.0.0.1:${toString stage.ports.web}"
          "--seed ${seedFile} --secrets ${gateKeysDir} --status unix:${gateStatusSocket}"
        ];
        Restart = "always";
        RestartSec = "1s";
        User = gateUser;
        Group = gateUser;
        RuntimeDirectory = "gate-${name}";
        # ffmpeg, which measures how loud the sound is, gets the lowest priority.
        SystemCallFilter = hardening.SystemCallFilter ++ [ "setpriority" ];
        # If memory runs out, ffmpeg is ended first. The stream goes on without it.
        OOMPolicy = "continue";
        # Cameras come from outside.
        IPAddressDeny = "";
        IPAddressAllow = "";
      };
    };

  # The keys come by a unit of their own: a credential cannot be replaced while its unit runs, and a gate that restarts
  # ends the stream. It runs whenever Owncast is told the keys, so that both always know the same ones.
  keys =
    name: stage:
    let
      inherit (namesOf name) gateUser units gateKeysDir;
      makers = lib.optional (config.systemd.services ? ${units.secrets}) "${units.secrets}.service";
      tellsOwncast = [
        "${units.config}.service"
        "${units.server}.service"
      ];
    in
    lib.nameValuePair units.gateKeys {
      description = "Stream keys for the gate of the stage ${name}";
      requires = makers;
      after = makers;
      # By the target too, or the first switch would not start it.
      wantedBy = [ "multi-user.target" ] ++ tellsOwncast;
      partOf = tellsOwncast;
      inherit (cfg) onFailure;
      serviceConfig = hardening // {
        Type = "oneshot";
        # Without it each switch would load the keys anew, and Owncast would not.
        RemainAfterExit = true;
        ExecStart = "${lib.getExe cfg.package} gate-keys --from %d --to ${gateKeysDir}";
        User = gateUser;
        Group = gateUser;
        LoadCredential = stage.keyCredentials;
        RuntimeDirectory = lib.removePrefix "/run/" gateKeysDir;
        RuntimeDirectoryMode = "0700";
        # While this unit restarts, the gate goes on with the keys that it has.
        RuntimeDirectoryPreserve = true;
        PrivateNetwork = true;
        RestrictAddressFamilies = "none";
      };
    };

  faultOf =
    listen:
    if !isAddress listen then
      "is no address: give one of this machine's, such as 192.0.2.10 or 2001:db8::10, or 0.0.0.0 for all"
    else if lib.hasInfix ":" listen && !enableIPv6 then
      "is an address of IPv6, and networking.enableIPv6 is off: give one of IPv4, such as 0.0.0.0 for all"
    else
      null;
in
{
  options.services.lectern.stages = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule stage);
  };

  config = lib.mkIf cfg.enable {
    systemd.services = lib.mapAttrs' gate cfg.stages // lib.mapAttrs' keys cfg.stages;

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
