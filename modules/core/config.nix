# The seed, applied to the running server: at its start, and when the seed changes. The stream goes on.
{ config, lib, ... }:
let
  cfg = config.services.lectern;

  unit =
    name: stage:
    let
      inherit (stage.names)
        user
        units
        stateDir
        seedFile
        ;
      server = "${units.server}.service";
      web = toString stage.ports.web;
    in
    lib.nameValuePair units.config {
      description = "Settings of the stage ${name}";
      requires = stage.secretMakers;
      # After the server, and not requiring it: this waits for the API itself, and fails alone.
      after = stage.secretMakers ++ [ server ];
      # By the server too, or a server that came late would find nobody who applies the seed. By the target, or the first
      # switch would not start it.
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
        # Active means applied; and a switch restarts only what is active.
        RemainAfterExit = true;
        ExecStart = lib.concatStringsSep " " [
          "${lib.getExe cfg.package} apply --seed ${seedFile} --url http://127.0.0.1:${web}"
          "--secrets %d --state-dir ${stateDir} --deadline 60"
        ];
        TimeoutStartSec = "5min";
        User = user;
        Group = user;
        # Copied when the unit starts: a file that was replaced counts from the next `systemctl restart` of this unit.
        LoadCredential = stage.credentials;
        StateDirectory = "lectern/${name}";
        StateDirectoryMode = "0700";
        # The lock that keeps a person's apply and this one apart; `files.nix` makes it.
        ReadWritePaths = "/run/lectern/127.0.0.1-${web}.lock";
      };
    };
in
{
  config = lib.mkIf cfg.enable { systemd.services = lib.mapAttrs' unit cfg.stages; };
}
