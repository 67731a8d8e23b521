# Bootstrap: Owncast is configured with the network shut, each time before its server starts.
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
      inherit (stage.names)
        user
        units
        stateDir
        seedFile
        ;
      server = "${units.server}.service";
    in
    lib.nameValuePair units.bootstrap {
      description = "Owncast of the stage ${name}, configured with the network shut";
      requires = stage.secretMakers;
      after = stage.secretMakers;
      # Together with RemainAfterExit: it runs again whenever the server is restarted, by whom or what ever, and does not
      # when a running server is started once more.
      partOf = [ server ];
      # A bootstrap that failed and then got through on its own brings the server that waited for it.
      wants = [ server ];
      inherit (cfg) onFailure;
      # A switch never stops a stream: it would, by partOf and the server's Requires.
      restartIfChanged = false;
      # Alone it would do nothing good: it is the server's.
      unitConfig.RefuseManualStart = true;
      # Tries again for as long as it takes: a server that is not bootstrapped is never started.
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
          # The lock keeps two from one database; `--no-fork` leaves systemd the process that it watches.
          ExecStart = lib.concatStringsSep " " [
            "${lib.getExe' pkgs.util-linux "flock"} --no-fork --timeout 60 ${stateDir}"
            "${lib.getExe cfg.package} bootstrap --seed ${seedFile} --owncast ${lib.getExe stage.package}"
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
          # As the server has it.
          UMask = "0027";
          # Owncast's defaults are public: nobody may reach it before they are gone.
          PrivateNetwork = true;
          # `lectern` asks the kernel which interfaces there are, and refuses to go on where one leads out.
          RestrictAddressFamilies = [
            "AF_UNIX"
            "AF_INET"
            "AF_INET6"
            "AF_NETLINK"
          ];
          # `setpriv`, which ties Owncast's life to bootstrap's, sets the capabilities that it has, which are none.
          SystemCallFilter = hardening.SystemCallFilter ++ [ "capset" ];
          # The interfaces are in /proc/net, and Owncast reads the machine's load.
          ProcSubset = "all";
          # Two programs run in here.
          MemoryMax = "1G";
        }
        # The server's start waits for it instead of failing with its first try. Older versions do without: see `wants`.
        // lib.optionalAttrs (lib.versionAtLeast config.systemd.package.version "254") {
          RestartMode = "direct";
        };
    };
in
{
  config = lib.mkIf cfg.enable { systemd.services = lib.mapAttrs' unit cfg.stages; };
}
