# Proves: a host that imports Lectern without enabling it is the host it was.
{
  lib,
  lectern,
  nixos,
  seed,
  ...
}:
let
  # Everything that NixOS is told, but for Lectern's own options and for the derivation that holds them all.
  remainder =
    config:
    config
    // {
      services = lib.removeAttrs config.services [ "lectern" ];
      system = lib.removeAttrs config.system [ "build" ];
    };
  # Stages that would be refused, too: nothing of a disabled Lectern may stop a build.
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

  "enabled, it shows in this comparison" = {
    expr = lib.attrNames enabled.environment.etc;
    expected = [
      "lectern/main.json"
      "lectern/stages.json"
    ];
  };
}
