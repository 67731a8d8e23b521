# Proves: if a stage is removed or renamed, the host no longer declares its units, site, ports and user. Those of the other
# stages stay the same, byte for byte. No rule removes a folder, so state and secrets stay.
{
  lib,
  lectern,
  seed,
  nixos,
  filesOf,
  refusals,
  ...
}:
let
  stages = {
    a = {
      domain = "a.test";
    };
    b = {
      domain = "b.test";
      ports = {
        admin = 8881;
        web = 8081;
        rtmp = 1936;
        owncastRtmp = 19351;
      };
    };
  };
  modulesOf = names: [
    lectern
    {
      services.lectern = {
        enable = true;
        stages = lib.mapAttrs (_: name: stages.${name} // { settings = { inherit (seed) access; }; }) names;
      };
    }
  ];
  both = modulesOf {
    a = "a";
    b = "b";
  };
  without = modulesOf { b = "b"; };
  # The same stage under another name.
  renamed = modulesOf {
    hall = "a";
    b = "b";
  };
  unitsOf =
    name: files:
    lib.filterAttrs (
      file: _: builtins.match "units/(lectern|owncast)-${name}(-[a-z-]+)?[.]service" file != null
    ) files;
  hostOf = modules: nixos modules;
  rulesOf = modules: (hostOf modules).systemd.tmpfiles.rules;
in
{
  "the units of the remaining stage are the same, byte for byte" = {
    expr = map (modules: unitsOf "b" (filesOf modules) == unitsOf "b" (filesOf both)) [
      without
      renamed
    ];
    expected = [
      true
      true
    ];
  };

  "a removed stage has no unit, no user, no site, no port" = {
    expr = {
      units = lib.attrNames (unitsOf "a" (filesOf without));
      users = lib.filter (user: user != "root") (lib.attrNames (hostOf without).users.users);
      sites = lib.attrNames (hostOf without).services.caddy.virtualHosts;
      ports = (hostOf without).networking.firewall.allowedTCPPorts;
    };
    expected = {
      units = [ ];
      users = [
        "gate-b"
        "lectern-b"
      ];
      sites = [
        "b.test"
        "http://localhost:8881"
      ];
      ports = [
        80
        443
        1936
      ];
    };
  };

  "behind nginx too, it has no site, and the text of the remaining stage is the same" = {
    expr =
      let
        nginxOf = modules: (hostOf (modules ++ [ { services.lectern.front = "nginx"; } ])).services.nginx;
        site = modules: (nginxOf modules).virtualHosts."~lectern.b".extraConfig;
      in
      {
        sites = lib.attrNames (nginxOf without).virtualHosts;
        shared = lib.hasInfix "_a_" (nginxOf without).commonHttpConfig;
        same = site without == site both;
      };
    expected = {
      sites = [
        "~lectern.b"
        "~lectern.b.admin"
        "~lectern.b.plain"
      ];
      shared = false;
      same = true;
    };
  };

  "its ports are free for another stage" = {
    expr = refusals (
      hostOf (
        without
        ++ [
          {
            services.lectern.stages.b.ports = lib.mkForce {
              web = 8080;
              rtmp = 1935;
              owncastRtmp = 19350;
            };
          }
        ]
      )
    );
    expected = [ ];
  };

  "no tmpfiles rule removes, empties or ages a file: each makes a folder, a link or a lock, or names a group" =
    {
      expr = lib.filter (
        rule: builtins.match "(d|L|L\\+|f) .* -( .*)?|Z [^ ]+ - - [a-z]+ -" rule == null
      ) (rulesOf both);
      expected = [ ];
    };

  "no remaining tmpfiles rule names a path of the removed stage" = {
    expr = lib.filter (lib.hasInfix "/a") (rulesOf without);
    expected = [ ];
  };

  "a renamed stage is a new stage, with a user, state and secrets of its own" = {
    expr =
      let
        list = builtins.fromJSON (filesOf renamed)."etc/lectern/stages.json";
      in
      {
        inherit (list.hall) user stateDir domain;
        secret = list.hall.secrets.stream-key.file;
        names = lib.attrNames list;
      };
    expected = {
      user = "lectern-hall";
      stateDir = "/var/lib/lectern/hall";
      domain = "a.test";
      secret = "/var/lib/lectern-secrets/hall/stream-key";
      names = [
        "b"
        "hall"
      ];
    };
  };
}
