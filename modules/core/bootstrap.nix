# Bootstrap: configures Owncast without a network, each time before the server starts.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.lectern;
  hardening = import ./lib/lectern-hardening.nix;

  unit =
    name: stage:
    let
      inherit (stage.names) user units stateDir;
      server = "${units.server}.service";
    in
    lib.nameValuePair units.bootstrap {
      description = "Configuration of Owncast, stage ${name}, before the network is open";
      requires = stage.secretMakers;
      after = stage.secretMakers;
      # Together with RemainAfterExit: bootstrap runs again at each restart of the server, whatever the reason, and not if
      # somebody starts a server that runs already.
      partOf = [ server ];
      # If bootstrap succeeds only at a later try, it starts the server that needs it.
      wants = [ server ];
      inherit (cfg) onFailure;
      # A switch must not stop a stream. A restart of this unit would, because the server requires it.
      restartIfChanged = false;
      unitConfig.RefuseManualStart = true;
      # It tries without end: the server never starts before bootstrap has succeeded.
      startLimitIntervalSec = 0;
      path = [
        stage.package
        pkgs.bash
        pkgs.which
      ];
      serviceConfig =
        hardening
        // {
          Type = "oneshot";
          RemainAfterExit = true;
          # The lock: one process at a time uses the database. With `--no-fork`, systemd watches the command itself.
          ExecStart = lib.concatStringsSep " " [
            "${lib.getExe' pkgs.util-linux "flock"} --no-fork --timeout 60 ${stateDir}"
            "${lib.getExe cfg.package} bootstrap --seed ${stage.names.seedFile} --owncast ${lib.getExe stage.package}"
            "--owncast-version ${stage.package.version} --state-dir ${stateDir} --secrets %d --attempts 3"
          ];
          TimeoutStartSec = "5min";
          Restart = "on-failure";
          RestartSec = "10s";
          User = user;
          Group = user;
          LoadCredential = stage.credentials;
          StateDirectory = "lectern/${name}";
          StateDirectoryMode = "0700";
          # The same as the server's.
          UMask = "0027";
          # Owncast's default password and key are public: nobody may reach Owncast before they are replaced.
          PrivateNetwork = true;
          # `lectern` asks the kernel for the network interfaces, and refuses to run if one leads out.
          RestrictAddressFamilies = [
            "AF_UNIX"
            "AF_INET"
            "AF_INET6"
            "AF_NETLINK"
          ];
          # `setpriv` ends Owncast together with bootstrap. It calls capset, although there are no capabilities to set.
          SystemCallFilter = hardening.SystemCallFilter ++ [ "capset" ];
          # /proc/net lists the interfaces, and Owncast reads the machine's load.
          ProcSubset = "all";
          # Two programs run in this unit.
          MemoryMax = "1G";
        }
        # The server's start waits for a later try instead of failing with the first. Older versions have `wants`, above.
        // lib.optionalAttrs (lib.versionAtLeast config.systemd.package.version "254") {
          RestartMode = "direct";
        };
    };
in
{
  config = lib.mkIf cfg.enable { systemd.services = lib.mapAttrs' unit cfg.stages; };
}
