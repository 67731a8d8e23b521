# Applies the seed to the running server, at its start and when the seed changes. The stream goes on.
{ config, lib, ... }:
let
  cfg = config.services.lectern;

  unit =
    name: stage:
    let
      inherit (stage.names) user units stateDir;
      server = "${units.server}.service";
      web = toString stage.ports.web;
    in
    lib.nameValuePair units.config {
      description = "Settings of the stage ${name}";
      requires = stage.secretMakers;
      # After the server, but without requiring it: this unit waits for the API, and fails alone.
      after = stage.secretMakers ++ [ server ];
      # The server wants it, because a server that starts late needs the seed too. The target wants it for the first switch.
      wantedBy = [
        "multi-user.target"
        server
      ];
      inherit (cfg) onFailure;
      restartTriggers = [
        stage.checkedSeed
        stage.credentials
      ];
      serviceConfig = import ./lib/lectern-hardening.nix // {
        Type = "oneshot";
        # Active means that the seed is applied. A switch restarts only active units.
        RemainAfterExit = true;
        ExecStart = lib.concatStringsSep " " [
          "${lib.getExe cfg.package} apply --seed ${stage.names.seedFile} --url http://127.0.0.1:${web}"
          "--secrets %d --state-dir ${stateDir} --deadline 60"
        ];
        TimeoutStartSec = "5min";
        User = user;
        Group = user;
        # systemd copies secrets when the unit starts: a replaced file takes effect at `systemctl restart` of this unit.
        LoadCredential = stage.credentials;
        StateDirectory = "lectern/${name}";
        StateDirectoryMode = "0700";
        # The lock that a person's `lectern apply` takes too. `files.nix` makes it.
        ReadWritePaths = "/run/lectern/127.0.0.1-${web}.lock";
      };
    };
in
{
  config = lib.mkIf cfg.enable { systemd.services = lib.mapAttrs' unit cfg.stages; };
}
