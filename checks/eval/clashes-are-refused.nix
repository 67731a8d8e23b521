# Proves: values that clash with another value are refused: ports, host names, secrets, packages.
{
  lib,
  lectern,
  nixos,
  seed,
  host,
  modulesOf,
  refusals,
  ...
}:
let
  stage = "services.lectern.stages.main";
  refused = stageModule: refusals (host [ stageModule ]);
  with' = module: refusals (nixos (modulesOf [ ] ++ [ module ]));

  stages = lib.mapAttrs (
    name: ports: {
      domain = "${name}.test";
      settings = { inherit (seed) access; };
      inherit ports;
    }
  );
  hostOf =
    ports:
    refusals (nixos [
      lectern
      {
        services.lectern = {
          enable = true;
          stages = stages ports;
        };
      }
    ]);
  objectStorage = {
    enabled = true;
    endpoint = "https://s3.test";
    bucket = "stage";
    region = "eu";
    accessKey.secret = "s3-key";
    secretKey.secret = "s3-secret";
  };
  withPackage =
    version: settings:
    with' (
      { pkgs, ... }:
      {
        services.lectern.stages.main = {
          package = pkgs.owncast.override { inherit version; };
          inherit settings;
        };
      }
    );
in
{
  "the host without a clash is accepted" = {
    expr = refused { };
    expected = [ ];
  };

  "two stages on the same port; each error names a different free port" = {
    expr = hostOf {
      a = { };
      b = { };
      c = {
        admin = null;
        web = 8081;
        rtmp = 1935;
        owncastRtmp = 19351;
      };
    };
    expected = [
      "services.lectern.stages.b.ports.web is 8080, as services.lectern.stages.a.ports.web is: change one of them; the next free port is 8082."
      "services.lectern.stages.b.ports.rtmp is 1935, as services.lectern.stages.a.ports.rtmp is: change one of them; the next free port is 1936."
      "services.lectern.stages.b.ports.owncastRtmp is 19350, as services.lectern.stages.a.ports.owncastRtmp is: change one of them; the next free port is 19352."
      "services.lectern.stages.b.ports.admin is 8880, as services.lectern.stages.a.ports.admin is: change one of them; the next free port is 8881."
      "services.lectern.stages.c.ports.rtmp is 1935, as services.lectern.stages.a.ports.rtmp is: change one of them; the next free port is 1937."
    ];
  };

  "a stage that uses one port for two purposes" = {
    expr = refused { ports.rtmp = 8080; };
    expected = [
      "${stage}.ports.rtmp is 8080, as ${stage}.ports.web is: change one of them; the next free port is 8081."
    ];
  };

  "a stage whose port for cameras is its own Owncast's port" = {
    expr = refused { ports.owncastRtmp = 1935; };
    expected = [
      "${stage}.ports.owncastRtmp is 1935, as ${stage}.ports.rtmp is: change one of them; the next free port is 1936."
    ];
  };

  "a stage whose Owncast uses another stage's port for cameras" = {
    expr = hostOf {
      a = { };
      b = {
        admin = null;
        web = 8081;
        rtmp = 19350;
        owncastRtmp = 19351;
      };
    };
    expected = [
      "services.lectern.stages.b.ports.rtmp is 19350, as services.lectern.stages.a.ports.owncastRtmp is: change one of them; the next free port is 19352."
    ];
  };

  "a stage on Caddy's own port" = {
    expr = refused { ports.web = 2019; };
    expected = [
      "${stage}.ports.web is 2019, as that of Caddy's own interface is: change it; the next free port is 2020."
    ];
  };

  "NixOS' own Owncast on a stage's port" = {
    expr = with' { services.owncast.enable = true; };
    expected = [
      "services.owncast.enable starts an Owncast on port 8080, which is ${stage}.ports.web: leave it out, because Lectern starts one for each stage, or give one of them other ports."
      "services.owncast.enable starts an Owncast on port 1935, which is ${stage}.ports.rtmp: leave it out, because Lectern starts one for each stage, or give one of them other ports."
    ];
  };

  "NixOS' own Owncast on the port of the stage's Owncast" = {
    expr = with' {
      services.owncast = {
        enable = true;
        port = 9000;
        rtmp-port = 19350;
      };
    };
    expected = [
      "services.owncast.enable starts an Owncast on port 19350, which is ${stage}.ports.owncastRtmp: leave it out, because Lectern starts one for each stage, or give one of them other ports."
    ];
  };

  "NixOS' own Owncast on other ports is accepted" = {
    expr = with' {
      services.owncast = {
        enable = true;
        port = 9000;
        rtmp-port = 9001;
      };
    };
    expected = [ ];
  };

  "an alias that is also a domain" = {
    expr = refused {
      aliases = [
        "live.test"
        "https://www.test"
      ];
    };
    expected = [
      "${stage}.aliases has \"https://www.test\": give host names alone, in lower case, such as www.nixos.org."
      "${stage}.domain and ${stage}.aliases share \"live.test\": give each stage a host name of its own."
    ];
  };

  "a secret of another service without a file" = {
    expr = refused {
      settings.storage = { inherit objectStorage; };
      secrets.s3-key.file = "/run/secrets/s3-key";
    };
    expected = [
      "${stage}.secrets.s3-secret.file is not set: another service gives out this secret, so name its file on the host, such as /run/secrets/s3-secret."
    ];
  };

  "a secret that no setting names; the error lists the named secrets" = {
    expr = refused { secrets.steam-key.file = "/run/secrets/key"; };
    expected = [
      "${stage}.secrets.steam-key is a secret that no setting names: the settings name admin-password, stream-key."
    ];
  };

  "a setting that the package does not know" = {
    expr = withPackage "0.2.4" { chat.requireAuthentication = true; };
    expected = [
      "${stage}.settings.chat.requireAuthentication needs Owncast 0.2.5, and ${stage}.package is 0.2.4: leave the setting out (null), or take a newer package."
    ];
  };

  "a setting that the package knows is accepted" = {
    expr = map (version: withPackage version { chat.requireAuthentication = true; }) [
      "0.2.5"
      "0.3.0"
    ];
    expected = [
      [ ]
      [ ]
    ];
  };

  "a stage with the name of the list of stages" = {
    expr = hostOf { stages = { }; };
    expected = [
      "services.lectern.stages.stages: /etc/lectern/stages.json is the list of all stages: give this one another name."
    ];
  };
}
