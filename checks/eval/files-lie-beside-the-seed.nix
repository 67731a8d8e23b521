# Proves: the files that a seed names reach the host beside it, and a missing file stops the build.
{
  lib,
  host,
  build,
  ...
}:
let
  etc = stage: (host [ stage ]).environment.etc;
  pictured.seed = ./lib/seed-with-a-logo.json;
  option = "services.lectern.stages.main";
in
{
  "the folder with the seed's name is also beside the seed on the host" = {
    expr = {
      names = lib.attrNames (etc pictured);
      files = lib.attrNames (builtins.readDir (etc pictured)."lectern/main".source);
    };
    expected = {
      names = [
        "lectern/main"
        "lectern/main.json"
        "lectern/stages.json"
      ];
      files = [ "logo.svg" ];
    };
  };

  "the folder is a path, which a build copies" = {
    expr = builtins.typeOf (etc pictured)."lectern/main".source;
    expected = "path";
  };

  "a seed without files has no folder" = {
    expr = lib.attrNames (etc { });
    expected = [
      "lectern/main.json"
      "lectern/stages.json"
    ];
  };

  "a seed with its files builds" = {
    expr = build (host [ pictured ]);
    expected = "builds";
  };

  "a file in a folder that the stage names builds" = {
    expr = build (host [
      {
        settings.appearance.logo = (lib.importJSON pictured.seed).appearance.logo;
        assets = ./lib/seed-with-a-logo;
      }
    ]);
    expected = "builds";
  };

  "a logo without a folder" = {
    expr = build (host [
      { settings.appearance.logo = (lib.importJSON pictured.seed).appearance.logo; }
    ]);
    expectedError = "${option}.settings.appearance.logo names logo.svg, which is not in ${option}.assets";
  };

  "an emoji that is missing in the folder" = {
    expr = build (host [
      pictured
      {
        settings.chat.emoji.list = [
          {
            name = "wave";
            file = "emoji-wave.png";
            sha256 = "";
          }
        ];
      }
    ]);
    expectedError = "${option}.settings.chat.emoji names emoji-wave.png, which is not in ${option}.assets";
  };
}
