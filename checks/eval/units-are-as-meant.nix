# Proves: what a stage's units say of each other, of a switch and of the world. Their whole texts: checks/golden/.
{
  libPath ? <nixpkgs/lib>,
}:
let
  inherit (import ./lib { inherit libPath; })
    lib
    host
    files
    filesOf
    modulesOf
    nixos
    ;
  units = stage: (host stage).systemd.services;
  plain = units [ ];
  server = plain.owncast-main;
  bootstrap = plain.lectern-main-bootstrap;
  restart = plain.lectern-main-restart;
  config = plain.lectern-main-config;
  ours = lib.removeAttrs plain [ "caddy" ];
  hardening = import ../../modules/lib/hardening.nix;

  textOf = stage: unit: (files stage)."units/${unit}.service";
  # Every setting another one but the codec, which the server's device hangs on; and other secrets.
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
  "a stage has these units and no other" = {
    expr = lib.attrNames ours;
    expected = [
      "lectern-main-bootstrap"
      "lectern-main-config"
      "lectern-main-hls"
      "lectern-main-restart"
      "lectern-main-secrets"
      "owncast-main"
    ];
  };

  "bootstrap sees no network, and none but the server brings it" = {
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

  "no bootstrap, no server; and each start of the server is one of bootstrap's" = {
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

  "bootstrap tries for ever, each time for a finite time, and brings the server in the end" = {
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

  "a systemd that does not know RestartMode is not told it" = {
    expr =
      let
        older =
          { pkgs, ... }:
          {
            systemd.package = pkgs.systemd.override { version = "253"; };
          };
      in
      (filesOf (modulesOf [ ] ++ [ older ]))."units/lectern-main-bootstrap.service"
      == lib.replaceStrings [ "RestartMode=direct\n" ] [ "" ] (textOf [ ] "lectern-main-bootstrap");
    expected = true;
  };

  "a switch restarts neither the server nor bootstrap" = {
    expr = map (unit: unit.restartIfChanged) [
      server
      bootstrap
    ];
    expected = [
      false
      false
    ];
  };

  "two seeds, one server unit, byte for byte" = {
    expr = map (unit: textOf [ otherSeed ] unit == textOf [ ] unit) [
      "owncast-main"
      "lectern-main-restart"
    ];
    expected = [
      true
      true
    ];
  };

  "the server's unit names no seed and no secret" = {
    expr = lib.any (word: lib.hasInfix word (textOf [ ] "owncast-main")) [
      ".json"
      "LoadCredential"
      "secret"
    ];
    expected = false;
  };

  "another seed restarts the config unit, and nothing else changes but what it loads" = {
    expr = lib.filter (
      file: (files [ { settings.instance.name = "Other"; } ]).${file} != (files [ ]).${file}
    ) (lib.attrNames (files [ ]));
    expected = [
      "etc/lectern/main.json"
      "units/lectern-main-config.service"
    ];
  };

  "another package is another server, another bootstrap, and a restart that finds something to do" = {
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

  "so is whatever else the host says of the server's unit" = {
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

  "the restart returns at once, does nothing for the declared server, and ends with any restart" = {
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

  "config is wanted by boot and by the server, requires neither, and its failure ends nothing" = {
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

  "Caddy waits for no stage" = {
    expr = { inherit (plain.caddy) after requires wants; };
    expected = {
      after = [ ];
      requires = [ ];
      wants = [ ];
    };
  };

  "every unit has at least the keys of the shared hardening" = {
    expr = lib.mapAttrs (
      _: unit: lib.subtractLists (lib.attrNames unit.serviceConfig) (lib.attrNames hardening)
    ) ours;
    expected = lib.mapAttrs (_: _: [ ]) ours;
  };

  # Caddy's too. A unit that is new gets both from the shared set, or is named here.
  "every unit has a bound on memory and on tasks" = {
    expr =
      let
        boundOf = name: unit: toString unit.serviceConfig.${name} or "none";
      in
      lib.mapAttrs (_: unit: "${boundOf "MemoryMax" unit}, ${boundOf "TasksMax" unit}") plain;
    expected = {
      caddy = "50%, 4096";
      lectern-main-bootstrap = "1G, 256";
      lectern-main-config = "512M, 256";
      lectern-main-hls = "512M, 256";
      lectern-main-restart = "512M, 256";
      lectern-main-secrets = "512M, 256";
      owncast-main = "75%, 4096";
    };
  };

  "a host sets the server's and Caddy's bounds without more ado" = {
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

  "every unit calls the hook when it fails" = {
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

  "without such a codec the server has no device, with one it has that device alone" = {
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
