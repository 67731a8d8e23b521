# Proves: a host that imports Lectern without enabling it does not change.
{
  lib,
  lectern,
  nixos,
  seed,
  ...
}:
let
  # All NixOS options, without Lectern's own and without the derivation that holds them all.
  remainder =
    config:
    config
    // {
      services = lib.removeAttrs config.services [ "lectern" ];
      system = lib.removeAttrs config.system [ "build" ];
    };
  # Also with wrong stages: a disabled Lectern may not stop a build.
  stages = {
    main.domain = "live.test";
    "Not a name".domain = "live.example.org";
  };
  enabled = nixos [
    lectern
    {
      services.lectern = {
        enable = true;
        stages.main = {
          domain = "live.test";
          settings = { inherit (seed) access; };
        };
      };
    }
  ];
in
{
  "imported alone, it changes nothing" = {
    expr = remainder (nixos [ lectern ]);
    expected = remainder (nixos [ ]);
  };

  "with stages but not enabled, it changes nothing" = {
    expr = remainder (nixos [
      lectern
      { services.lectern = { inherit stages; }; }
    ]);
    expected = remainder (nixos [ ]);
  };

  "with nginx as the front but not enabled, it changes nothing" = {
    expr = remainder (nixos [
      lectern
      {
        services.lectern = {
          inherit stages;
          front = "nginx";
        };
      }
    ]);
    expected = remainder (nixos [ ]);
  };

  "enabled, it appears in this comparison" = {
    expr = lib.attrNames enabled.environment.etc;
    expected = [
      "lectern/main.json"
      "lectern/stages.json"
    ];
  };
}
