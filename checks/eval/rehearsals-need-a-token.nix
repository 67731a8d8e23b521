# Proves: a stage allows rehearsals only if its settings say so. Its token is a file that the host makes or gets. It is in no
# unit of Owncast and not in the store, and one unit brings it to Caddy.
{
  lib,
  host,
  files,
  refusals,
  ...
}:
let
  allowed.settings.rehearsal.enable = true;
  given = allowed // {
    secrets.rehearsal-token.file = "/run/secrets/SENTINEL";
  };
  sites =
    module:
    lib.mapAttrsToList (_: { extraConfig, ... }: extraConfig)
      (host [ module ]).services.caddy.virtualHosts;
  count = text: module: map (site: lib.length (lib.splitString text site) - 1) (sites module);
  unitOf = module: (host [ module ]).systemd.services.lectern-main-rehearsal or null;
  stage = module: (builtins.fromJSON (files [ module ])."etc/lectern/stages.json").main;
  both.secrets = {
    admin-password.file = "/run/secrets/admin";
    stream-key.file = "/run/secrets/key";
  };
in
{
  # Caddy refuses a missing file, but accepts a pattern that matches no file.
  "both sites of a stage import the token's file only if the stage allows rehearsals" = {
    expr =
      map
        (module: [
          (count "import /run/lectern/main-rehearsal/*.caddyfile" module)
          (count "This stage allows no rehearsal" module)
        ])
        [
          allowed
          { }
          { settings.rehearsal.enable = false; }
        ];
    expected = [
      [
        [
          1
          1
        ]
        [
          0
          0
        ]
      ]
      [
        [
          0
          0
        ]
        [
          1
          1
        ]
      ]
      [
        [
          0
          0
        ]
        [
          1
          1
        ]
      ]
    ];
  };

  "only such a stage has the unit and the secret" = {
    expr =
      map
        (module: [
          (unitOf module != null)
          ((stage module).secrets ? rehearsal-token)
        ])
        [
          allowed
          { }
          { settings.rehearsal.enable = false; }
        ];
    expected = [
      [
        true
        true
      ]
      [
        false
        false
      ]
      [
        false
        false
      ]
    ];
  };

  "the host makes the token with the other secrets, or gets its file" = {
    expr =
      map
        (module: {
          inherit ((stage module).secrets.rehearsal-token) file generated;
          inherit ((unitOf module).serviceConfig) LoadCredential SetCredential;
          inherit (unitOf module) wants after partOf;
        })
        [
          allowed
          given
        ];
    expected = [
      {
        file = "/var/lib/lectern-secrets/main/rehearsal-token";
        generated = true;
        LoadCredential = "rehearsal-token:/var/lib/lectern-secrets/main/rehearsal-token";
        SetCredential = "rehearsal-token:\\n";
        wants = [ "lectern-main-secrets.service" ];
        after = [
          "caddy.service"
          "lectern-main-secrets.service"
        ];
        partOf = [ "lectern-main-config.service" ];
      }
      {
        file = "/run/secrets/SENTINEL";
        generated = false;
        LoadCredential = "rehearsal-token:/run/secrets/SENTINEL";
        SetCredential = "rehearsal-token:\\n";
        wants = [ ];
        after = [ "caddy.service" ];
        partOf = [ "lectern-main-config.service" ];
      }
    ];
  };

  "the token is made also if all secrets of Owncast are given, and Owncast's units do not wait for it" =
    {
      expr =
        let
          inherit (host [ (allowed // both) ]) systemd;
        in
        {
          maker = systemd.services ? lectern-main-secrets;
          inherit (systemd.services.lectern-main-bootstrap) requires;
        };
      expected = {
        maker = true;
        requires = [ ];
      };
    };

  "its path is in that unit and in the list of stages, and nowhere else" = {
    expr = lib.attrNames (lib.filterAttrs (_: lib.hasInfix "SENTINEL") (files [ given ]));
    expected = [
      "etc/lectern/stages.json"
      "units/lectern-main-rehearsal.service"
    ];
  };

  "Owncast's units stay the same, whether rehearsals are allowed or not" = {
    expr =
      let
        unit = name: module: (files [ module ])."units/${name}.service";
      in
      map (name: unit name allowed == unit name { }) [
        "owncast-main"
        "lectern-main-bootstrap"
        "lectern-main-gate"
        "lectern-main-keeper"
      ];
    expected = [
      true
      true
      true
      true
    ];
  };

  "a file for a token that no setting asks for is refused" = {
    expr = refusals (host [
      { secrets.rehearsal-token.file = "/run/secrets/token"; }
    ]);
    expected = [
      "services.lectern.stages.main.secrets.rehearsal-token is a secret that no setting names: the settings name admin-password, stream-key."
    ];
  };
}
