# Proves: a text with a special meaning in a unit or the Caddyfile is refused, with the option's name and a remedy.
{
  lib,
  nixos,
  host,
  modulesOf,
  refusals,
  optionDocs,
  ...
}:
let
  inherit (import ../../modules/core/lib/unit-words.nix { inherit lib; })
    isPlainPath
    isUnitName
    isVersion
    ;
  stage = "services.lectern.stages.main";
  pathRemedy = "give an absolute path of letters, digits and . _ + @ = , : ~ -, without blanks and without \"..\", such as /run/secrets/stream-key.";
  with' = module: refusals (nixos (modulesOf [ ] ++ [ module ]));
  withPackage =
    change:
    with' (
      { pkgs, ... }:
      {
        services.lectern.stages.main.package = change pkgs.owncast;
      }
    );

  # Each has a special meaning for systemd, a shell or Caddy.
  hostile = [
    "/run/a b"
    "/run/a\tb"
    "/run/a\nUser=root"
    "/run/a%n"
    "/run/%"
    "/run/{a}"
    "/run/a}"
    "/run/{$HOME}"
    "/run/\"a\""
    "/run/'a'"
    "/run/`a`"
    "/run/$(a)"
    "/run/a;b"
    "/run/a\\"
    "/run/a#b"
    "/run/a*"
    "/run/ä"
    "/run/../etc/shadow"
    "/run/./a"
    "/run//a"
    "/run/a/"
    "/"
    ""
    "run/a"
  ];
in
{
  "every hostile path is refused" = {
    expr = lib.filter isPlainPath hostile;
    expected = [ ];
  };

  "usual paths are accepted" = {
    expr = lib.filter (path: !isPlainPath path) [
      "/run/secrets/stream-key"
      "/run/agenix/stream-key"
      "/var/lib/acme/live.example.org/cert.pem"
      "/var/lib/acme/_.example.org/key.pem"
      "/run/credentials/@system/key"
      "/home/a.b_c+d=e,f:g~h-i/.key"
    ];
    expected = [ ];
  };

  "a hostile path of a secret is refused" = {
    expr = refusals (host [ { secrets.stream-key.file = "/run/a b\nUser=root%n"; } ]);
    expected = [
      "${stage}.secrets.stream-key.file is \"/run/a b\\nUser=root%n\": ${pathRemedy}"
    ];
  };

  "hostile paths of a certificate and its key are refused" = {
    expr = refusals (host [
      {
        tls = {
          certificate = "/run/a.pem {\n}\nrespond hello";
          key = "/run/a b.pem";
        };
      }
    ]);
    expected = [
      "${stage}.tls.certificate is \"/run/a.pem {\\n}\\nrespond hello\": ${pathRemedy}"
      "${stage}.tls.key is \"/run/a b.pem\": ${pathRemedy}"
    ];
  };

  "hostile names of units to start on failure are refused" = {
    expr = with' {
      services.lectern.onFailure = [
        "tell-the-team@%n.service"
        "tell the team.service"
        "tell-the-team"
        "tell@%z.service"
        "a.service\nUser=root"
      ];
    };
    expected =
      map
        (
          unit:
          "services.lectern.onFailure has ${unit}: give unit names with their type, such as tell-the-team@%n.service."
        )
        [
          "\"tell the team.service\""
          "\"tell-the-team\""
          "\"tell@%z.service\""
          "\"a.service\\nUser=root\""
        ];
  };

  "usual names of units are accepted" = {
    expr = lib.filter (unit: !isUnitName unit) [
      "a.service"
      "dbus-org.freedesktop.x@1:2_3.service"
      "notify@%N-%i-%%.service"
      "dev-disk\\x2dby.mount"
      "multi-user.target"
    ];
    expected = [ ];
  };

  "a version of several words is refused" = {
    expr = map (version: withPackage (owncast: owncast.override { inherit version; })) [
      "0.3.0 beta"
      ""
      "0.3%n"
    ];
    expected =
      map
        (version: [
          "${stage}.package has the version ${version}, by which bootstrap tells an upgrade: give a package whose version is one word, such as 0.3.0."
        ])
        [
          "\"0.3.0 beta\""
          "\"\""
          "\"0.3%n\""
        ];
  };

  "a package without a version is refused" = {
    expr = withPackage (owncast: lib.removeAttrs owncast [ "version" ]);
    expected = [
      "${stage}.package has the version \"\", by which bootstrap tells an upgrade: give a package whose version is one word, such as 0.3.0."
    ];
  };

  "usual versions are accepted" = {
    expr = lib.filter (version: !isVersion version) [
      "0.2.4"
      "0.3.0-rc.1+build_5"
      "unstable-2026-01-01"
    ];
    expected = [ ];
  };

  "a program of several words is refused" = {
    expr = withPackage (owncast: owncast.override { mainProgram = "own cast"; });
    expected = [
      "${stage}.package has the program \"own cast\": give a package whose meta.mainProgram is one word, such as owncast."
    ];
  };

  "the name of a folder of files is one word in the check's shell script" = {
    expr =
      lib.hasInfix "ln -s '/srv/a b; reboot' main"
        (host [ { assets = "/srv/a b; reboot"; } ])
        .services.lectern.stages.main.checkedSeed.contents.script;
    expected = true;
  };

  "the documentation says for every option with a text what refuses a wrong text" = {
    expr =
      let
        table = lib.readFile ../../docs/nixos.md;
        short = name: lib.removePrefix "stages.<name>." (lib.removePrefix "services.lectern." name);
        takesText =
          { name, type, ... }:
          !lib.hasPrefix "services.lectern.stages.<name>.settings." name
          && lib.any (word: lib.hasInfix word type) [
            "string"
            "path"
            "package"
            "file"
          ];
      in
      lib.filter (name: !lib.hasInfix "| `${name}`" table) (
        map ({ name, ... }: short name) (lib.filter takesText optionDocs)
      );
    expected = [ ];
  };
}
