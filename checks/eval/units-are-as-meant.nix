# Proves: a stage's units have the right order, switch behaviour and sandbox. Their whole texts: checks/golden/.
{
  lib,
  host,
  files,
  filesOf,
  modulesOf,
  nixos,
  ...
}:
let
  units = stage: (host stage).systemd.services;
  plain = units [ ];
  server = plain.owncast-main;
  bootstrap = plain.lectern-main-bootstrap;
  restart = plain.lectern-main-restart;
  gate = plain.lectern-main-gate;
  keys = plain.lectern-main-gate-keys;
  gateUpdate = plain.lectern-main-gate-update;
  config = plain.lectern-main-config;
  ours = lib.removeAttrs plain [
    "caddy"
    "firewall"
  ];
  # With the unit of a private stage.
  withViewers = ours // {
    inherit (units [ { viewers.password.file = "/run/secrets/viewers-password"; } ])
      lectern-main-viewers
      ;
  };
  hardening = import ../../modules/core/lib/hardening.nix;

  textOf = stage: unit: (files stage)."units/${unit}.service";
  # Every setting differs except the codec, which decides the server's devices. The secrets differ too.
  otherSeed.settings = {
    instance.name = "Other";
    video.latency = "highest";
    chat.enabled = false;
    federation.enabled = true;
    access.adminPassword.secret = "other-password";
    access.streamKeys = [ { secret = "other-key"; } ];
  };
  upgraded =
    { pkgs, ... }:
    {
      services.lectern.stages.main.package = pkgs.owncast.override { version = "0.3.0"; };
    };
  upgradedText = unit: (filesOf (modulesOf [ ] ++ [ upgraded ]))."units/${unit}.service";
in
{
  "a stage has exactly these units" = {
    expr = lib.attrNames ours;
    expected = [
      "lectern-main-bootstrap"
      "lectern-main-config"
      "lectern-main-gate"
      "lectern-main-gate-keys"
      "lectern-main-gate-update"
      "lectern-main-keeper"
      "lectern-main-keeper-update"
      "lectern-main-restart"
      "lectern-main-secrets"
      "owncast-main"
    ];
  };

  "bootstrap has no network, and only the server starts it" = {
    expr = {
      inherit (bootstrap.serviceConfig) PrivateNetwork;
      inherit (bootstrap.unitConfig) RefuseManualStart;
      inherit (bootstrap) wantedBy requiredBy;
    };
    expected = {
      PrivateNetwork = true;
      RefuseManualStart = true;
      wantedBy = [ ];
      requiredBy = [ ];
    };
  };

  "the server needs bootstrap, and each start of the server starts bootstrap too" = {
    expr = {
      inherit (server) requires;
      after = lib.head server.after;
      inherit (bootstrap) partOf;
      inherit (bootstrap.serviceConfig) RemainAfterExit;
    };
    expected = {
      requires = [ "lectern-main-bootstrap.service" ];
      after = "lectern-main-bootstrap.service";
      partOf = [ "owncast-main.service" ];
      RemainAfterExit = true;
    };
  };

  "bootstrap retries without end, each time with a time limit, and starts the server when it succeeds" =
    {
      expr = {
        inherit (bootstrap) startLimitIntervalSec wants;
        inherit (bootstrap.serviceConfig) Restart RestartMode TimeoutStartSec;
      };
      expected = {
        startLimitIntervalSec = 0;
        wants = [ "owncast-main.service" ];
        Restart = "on-failure";
        RestartMode = "direct";
        TimeoutStartSec = "5min";
      };
    };

  "RestartMode is left out for a systemd that does not know it" = {
    expr =
      let
        older =
          { pkgs, ... }:
          {
            systemd.package = pkgs.systemd.override { version = "253"; };
          };
        # systemd is on the path of every unit.
        linesOf = text: lib.filter (line: !lib.hasInfix "PATH=" line) (lib.splitString "\n" text);
      in
      lib.subtractLists (linesOf
        (filesOf (modulesOf [ ] ++ [ older ]))."units/lectern-main-bootstrap.service"
      ) (linesOf (textOf [ ] "lectern-main-bootstrap"));
    expected = [ "RestartMode=direct" ];
  };

  "a switch restarts neither the server nor bootstrap nor the gate" = {
    expr = map (unit: unit.restartIfChanged) [
      server
      bootstrap
      gate
    ];
    expected = [
      false
      false
      false
    ];
  };

  "two seeds give the same units of server and gate, byte for byte" = {
    expr = map (unit: textOf [ otherSeed ] unit == textOf [ ] unit) [
      "owncast-main"
      "lectern-main-restart"
      "lectern-main-gate"
      "lectern-main-gate-update"
    ];
    expected = [
      true
      true
      true
      true
    ];
  };

  "the gate listens on the port for cameras, and connects to Owncast's own port" = {
    expr =
      let
        units' = units [
          {
            ports = {
              web = 8081;
              rtmp = 1936;
              owncastRtmp = 19351;
            };
            ingest.listen = "192.0.2.1";
          }
        ];
        flagsOf = unit: lib.drop 1 (lib.splitString " -" units'.${unit}.serviceConfig.ExecStart);
      in
      {
        gate = lib.take 3 (flagsOf "lectern-main-gate");
        server = lib.last (flagsOf "owncast-main");
      };
    expected = {
      gate = [
        "-listen 192.0.2.1:1936"
        "-owncast 127.0.0.1:19351"
        "-owncast-url http://127.0.0.1:8081"
      ];
      server = "rtmpport 19351";
    };
  };

  "the gate listens on every address of the host" = {
    expr =
      let
        listensOn =
          enableIPv6:
          lib.elemAt (lib.splitString " "
            (nixos (modulesOf [ ] ++ [ { networking = { inherit enableIPv6; }; } ]))
            .systemd.services.lectern-main-gate.serviceConfig.ExecStart
          ) 3;
      in
      map listensOn [
        true
        false
      ];
    expected = [
      "[::]:1935"
      "0.0.0.0:1935"
    ];
  };

  "the gate has a user of its own, starts no server, and does not stop with the server" = {
    expr = {
      inherit (gate.serviceConfig) User Group RuntimeDirectory;
      inherit (gate) requires partOf wants;
      users = map (unit: unit.serviceConfig.User or "root") [
        server
        keys
      ];
    };
    expected = {
      User = "gate-main";
      Group = "gate-main";
      RuntimeDirectory = "gate-main";
      requires = [ ];
      partOf = [ ];
      wants = [ "lectern-main-gate-keys.service" ];
      users = [
        "lectern-main"
        "gate-main"
      ];
    };
  };

  "the gate gets its keys together with Owncast: at each start of the server, and with each applied seed" =
    {
      expr = {
        inherit (keys) partOf wantedBy;
        inherit (keys.serviceConfig) RemainAfterExit RuntimeDirectoryMode RuntimeDirectoryPreserve;
        folder = "/run/${keys.serviceConfig.RuntimeDirectory}";
        isTheGates = lib.hasInfix " --secrets /run/${keys.serviceConfig.RuntimeDirectory} " gate.serviceConfig.ExecStart;
      };
      expected = {
        partOf = [
          "lectern-main-config.service"
          "owncast-main.service"
        ];
        wantedBy = [
          "multi-user.target"
          "lectern-main-config.service"
          "owncast-main.service"
        ];
        RemainAfterExit = true;
        RuntimeDirectoryMode = "0700";
        RuntimeDirectoryPreserve = true;
        folder = "/run/lectern/main-gate-keys";
        isTheGates = true;
      };
    };

  "a changed gate waits like a changed server: for another port, another program, or any setting of its unit" =
    {
      expr =
        let
          updateOf = extra: (filesOf (modulesOf [ ] ++ [ extra ]))."units/lectern-main-gate-update.service";
          changed = [
            { services.lectern.stages.main.ports.rtmp = 1936; }
            (
              { pkgs, ... }:
              {
                services.lectern.package = pkgs.owncast.override { version = "0.2.0"; };
              }
            )
            { systemd.services.lectern-main-gate.serviceConfig.Nice = 5; }
          ];
        in
        {
          inherit (gateUpdate.serviceConfig) Type;
          inherit (gateUpdate) partOf after wantedBy;
          marker = lib.removePrefix "!" gateUpdate.unitConfig.ConditionPathExists;
          changes = map (extra: updateOf extra != textOf [ ] "lectern-main-gate-update") changed;
        };
      expected = {
        Type = "exec";
        partOf = [ "lectern-main-gate.service" ];
        after = [ "lectern-main-gate.service" ];
        wantedBy = [ "multi-user.target" ];
        marker = lib.last (lib.splitString " " (lib.head gate.serviceConfig.ExecStartPre));
        changes = [
          true
          true
          true
        ];
      };
    };

  # For example a stage "main-gate" beside "main".
  "no two stages share a unit, a user or a folder, whatever their names are" = {
    expr =
      let
        namesOf = import ../../modules/core/lib/stage.nix;
        ends = lib.concatMap (
          unit:
          let
            words = lib.splitString "-" unit;
          in
          lib.drop 2 words ++ [ (lib.concatStringsSep "-" (lib.drop 2 words)) ]
        ) (lib.attrValues (namesOf "x").units);
        stages = map (end: "a-${end}") (lib.unique ends) ++ [ "a" ];
        twice =
          names: lib.attrNames (lib.filterAttrs (_: uses: lib.length uses > 1) (lib.groupBy lib.id names));
        all = names: lib.concatMap (stage: names (namesOf stage)) stages;
      in
      {
        looksAt = lib.elem "a-gate" stages && lib.elem "a-gate-keys" stages;
        units = twice (all ({ units, ... }: lib.attrValues units));
        users = twice (
          all (
            { user, gateUser, ... }: [
              user
              gateUser
            ]
          )
        );
        folders = twice (
          all (names: lib.filter (lib.hasPrefix "/") (lib.attrValues (lib.removeAttrs names [ "units" ])))
        );
      };
    expected = {
      looksAt = true;
      units = [ ];
      users = [ ];
      folders = [ ];
    };
  };

  "the server's unit names no seed and no secret" = {
    expr = lib.any (word: lib.hasInfix word (textOf [ ] "owncast-main")) [
      ".json"
      "LoadCredential"
      "secret"
    ];
    expected = false;
  };

  "another seed changes only the config unit and the seed that it loads" = {
    expr = lib.filter (
      file: (files [ { settings.instance.name = "Other"; } ]).${file} != (files [ ]).${file}
    ) (lib.attrNames (files [ ]));
    expected = [
      "etc/lectern/main.json"
      "units/lectern-main-config.service"
    ];
  };

  "another package changes the server, bootstrap and the restart unit" = {
    expr = map (unit: upgradedText unit != textOf [ ] unit) [
      "owncast-main"
      "lectern-main-bootstrap"
      "lectern-main-restart"
      "lectern-main-config"
    ];
    expected = [
      true
      true
      true
      false
    ];
  };

  "another Owncast does not change the gate" = {
    expr = upgradedText "lectern-main-gate-update" == textOf [ ] "lectern-main-gate-update";
    expected = true;
  };

  "any setting of the server's unit changes the restart unit" = {
    expr =
      let
        with' = extra: (filesOf (modulesOf [ ] ++ [ extra ]))."units/lectern-main-restart.service";
      in
      with' { systemd.services.owncast-main.serviceConfig.Nice = 5; } != textOf [ ] "lectern-main-restart"
      &&
        with' { systemd.services.owncast-main.environment.LANG = "C"; }
        != textOf [ ] "lectern-main-restart";
    expected = true;
  };

  # nixpkgs' switch does not restart a changed socket.
  "every socket has a unit that each switch starts, and that restarts the socket if its declaration has changed" =
    {
      expr =
        let
          evaluated = host [ { ports.keeper = 8090; } ];
          updateOf =
            _name: socket:
            let
              marker = lib.last (lib.splitString " " (lib.head socket.socketConfig.ExecStartPost));
              updates = lib.filterAttrs (
                _: unit: unit.unitConfig.ConditionPathExists or null == "!${marker}"
              ) evaluated.systemd.services;
            in
            lib.mapAttrs (_: unit: {
              inherit (unit) wantedBy after;
              inherit (unit.serviceConfig) Type;
              restarts = lib.last (lib.splitString "/bin/" unit.serviceConfig.ExecStart);
              isForgotten = lib.hasPrefix "/run/${socket.socketConfig.RuntimeDirectory}/" marker;
            }) updates;
        in
        lib.mapAttrs updateOf evaluated.systemd.sockets;
      expected.lectern-main-keeper.lectern-main-keeper-update = {
        wantedBy = [ "multi-user.target" ];
        after = [
          "lectern-main-keeper.socket"
          "lectern-main-keeper.service"
        ];
        Type = "oneshot";
        restarts = "systemctl try-restart lectern-main-keeper.socket";
        isForgotten = true;
      };
    };

  "the keeper's port, Caddy's user and any setting of the socket each change the keeper's update unit" =
    {
      expr =
        let
          updateOf = extra: (filesOf (modulesOf [ ] ++ [ extra ]))."units/lectern-main-keeper-update.service";
        in
        map (extra: updateOf extra != updateOf { }) [
          { services.lectern.stages.main.ports.keeper = 8090; }
          { services.caddy.user = "web"; }
          { systemd.sockets.lectern-main-keeper.socketConfig.Backlog = lib.mkForce 9; }
          { services.lectern.stages.main.grace = 45; }
        ];
      expected = [
        true
        true
        true
        false
      ];
    };

  # Caddy reaches the keeper by a socket whose path depends only on the stage's name.
  "another port of the keeper changes only its socket and its update unit, not Caddy" = {
    expr = lib.filter (file: (files [ { ports.keeper = 8090; } ]).${file} != (files [ ]).${file}) (
      lib.attrNames (files [ ])
    );
    expected = [
      "units/lectern-main-keeper-update.service"
      "units/lectern-main-keeper.socket"
    ];
  };

  # NixOS puts these on every service's path. An update of nixpkgs changes them, but Owncast stays the same.
  "another coreutils changes the units' text, but restarts neither the server nor the gate" = {
    expr =
      let
        pkgsOf = import ../stub-nixpkgs/packages.nix {
          inherit lib;
          system = "x86_64-linux";
        };
        changed = filesOf (
          modulesOf [ ]
          ++ [
            {
              systemd.package = pkgsOf.systemd.override { version = "299"; };
              _module.args.pkgs = lib.mkForce (
                pkgsOf
                // lib.genAttrs [ "coreutils" "findutils" "gnugrep" "gnused" ] (
                  name: pkgsOf.${name}.override { version = "99"; }
                )
              );
            }
          ]
        );
        conditionIn =
          text: lib.findFirst (lib.hasPrefix "ConditionPathExists=") null (lib.splitString "\n" text);
        same = unit: conditionIn changed."units/${unit}.service" == conditionIn (textOf [ ] unit);
      in
      {
        units = map (unit: changed."units/${unit}.service" != textOf [ ] unit) [
          "owncast-main"
          "lectern-main-gate"
        ];
        restarts = map same [
          "lectern-main-restart"
          "lectern-main-gate-update"
          "lectern-main-keeper-update"
        ];
      };
    expected = {
      units = [
        true
        true
      ];
      restarts = [
        true
        true
        true
      ];
    };
  };

  "a package that a host adds to the server's path changes the restart unit" = {
    expr =
      let
        with' =
          { pkgs, ... }:
          {
            systemd.services.owncast-main.path = [ pkgs.curl ];
          };
      in
      (filesOf (modulesOf [ ] ++ [ with' ]))."units/lectern-main-restart.service"
      != textOf [ ] "lectern-main-restart";
    expected = true;
  };

  "the restart unit returns at once, does nothing if the declared server runs, and stops at any restart of the server" =
    {
      expr = {
        inherit (restart.serviceConfig) Type;
        inherit (restart) partOf after wantedBy;
        marker = lib.removePrefix "!" restart.unitConfig.ConditionPathExists;
      };
      expected = {
        Type = "exec";
        partOf = [ "owncast-main.service" ];
        after = [ "owncast-main.service" ];
        wantedBy = [ "multi-user.target" ];
        marker = lib.last (lib.splitString " " (lib.head server.serviceConfig.ExecStartPre));
      };
    };

  "boot and the server start config, config needs neither of them, and its failure stops no other unit" =
    {
      expr = {
        inherit (config) wantedBy requires partOf;
        inherit (config.serviceConfig) RemainAfterExit;
        others = lib.filterAttrs (_: unit: lib.elem "lectern-main-config.service" unit.requires) plain;
      };
      expected = {
        wantedBy = [
          "multi-user.target"
          "owncast-main.service"
        ];
        requires = [ "lectern-main-secrets.service" ];
        partOf = [ ];
        RemainAfterExit = true;
        others = { };
      };
    };

  "Caddy does not wait for a stage" = {
    expr = { inherit (plain.caddy) after requires wants; };
    expected = {
      after = [ ];
      requires = [ ];
      wants = [ ];
    };
  };

  "a changed Caddy is restarted without a wait for downloads; a stop waits longer than downloads may last" =
    {
      expr = {
        inherit (plain.caddy) stopIfChanged;
        inherit (plain.caddy.serviceConfig) RestartKillSignal;
        # Its exit code after that signal does not count as a failure, but systemd restarts it after a crash with the same code.
        codes = lib.getAttrs [ "SuccessExitStatus" "RestartForceExitStatus" ] plain.caddy.serviceConfig;
        stopIsLonger =
          plain.caddy.serviceConfig.TimeoutStopSec > lib.toInt (
            lib.head (
              builtins.match ".*grace_period ([0-9]+)s.*" (
                lib.replaceStrings [ "\n" ] [ " " ] (host [ ]).services.caddy.globalConfig
              )
            )
          );
      };
      expected = {
        stopIfChanged = false;
        RestartKillSignal = "SIGQUIT";
        codes = {
          SuccessExitStatus = 2;
          RestartForceExitStatus = 2;
        };
        stopIsLonger = true;
      };
    };

  "every unit has at least the keys of the shared hardening" = {
    expr = lib.mapAttrs (
      _: unit: lib.subtractLists (lib.attrNames unit.serviceConfig) (lib.attrNames hardening)
    ) withViewers;
    expected = lib.mapAttrs (_: _: [ ]) withViewers;
  };

  # Caddy's too. A new unit gets both from the shared set, or must be listed here.
  "every unit has a limit for memory and for tasks" = {
    expr =
      let
        boundOf = name: unit: toString unit.serviceConfig.${name} or "none";
      in
      lib.mapAttrs (_: unit: "${boundOf "MemoryMax" unit}, ${boundOf "TasksMax" unit}") (
        withViewers // { inherit (plain) caddy; }
      );
    expected = {
      caddy = "75%, 4096";
      lectern-main-bootstrap = "1G, 256";
      lectern-main-config = "512M, 256";
      lectern-main-gate = "512M, 256";
      lectern-main-gate-keys = "512M, 256";
      lectern-main-gate-update = "512M, 256";
      lectern-main-keeper = "512M, 256";
      lectern-main-keeper-update = "512M, 256";
      lectern-main-restart = "512M, 256";
      lectern-main-secrets = "512M, 256";
      lectern-main-viewers = "512M, 256";
      owncast-main = "75%, 4096";
    };
  };

  "if memory runs out, the system stops the sound decoder and not the gate" = {
    expr = gate.serviceConfig.OOMPolicy or "stop";
    expected = "continue";
  };

  "a host can simply set the limits of the server and Caddy" = {
    expr =
      let
        services =
          (nixos (
            modulesOf [ ]
            ++ [
              {
                systemd.services.owncast-main.serviceConfig.MemoryMax = "3G";
                systemd.services.caddy.serviceConfig.TasksMax = 99;
              }
            ]
          )).systemd.services;
      in
      [
        services.owncast-main.serviceConfig.MemoryMax
        services.caddy.serviceConfig.TasksMax
      ];
    expected = [
      "3G"
      99
    ];
  };

  "every unit starts the hook if it fails" = {
    expr =
      let
        hook = "tell@%n.service";
        hooked = filesOf (modulesOf [ ] ++ [ { services.lectern.onFailure = [ hook ]; } ]);
      in
      lib.filter (
        file:
        lib.hasPrefix "units/" file
        && lib.hasSuffix ".service" file
        && !lib.hasInfix ".d/" file
        && !lib.hasInfix "\nOnFailure=${hook}\n" hooked.${file}
      ) (lib.attrNames hooked);
    expected = [ ];
  };

  "the server has no device with libx264, and only the graphics device with h264_vaapi" = {
    expr =
      map
        (codec: {
          inherit ((units [ { settings.video.codec = codec; } ]).owncast-main.serviceConfig)
            PrivateDevices
            DevicePolicy
            ;
          devices =
            (units [ { settings.video.codec = codec; } ]).owncast-main.serviceConfig.DeviceAllow or [ ];
        })
        [
          "libx264"
          "h264_vaapi"
        ];
    expected = [
      {
        PrivateDevices = true;
        DevicePolicy = "closed";
        devices = [ ];
      }
      {
        PrivateDevices = false;
        DevicePolicy = "closed";
        devices = [ "char-drm rw" ];
      }
    ];
  };
}
