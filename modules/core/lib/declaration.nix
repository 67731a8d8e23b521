# Tells one declaration of a unit from another. Everything that makes it another unit counts, and no seed does.
# ExecStartPre, or a socket's ExecStartPost, makes the file that is named after this, so it cannot count.
{
  lib,
  pkgs,
  config,
}:
let
  hashOf =
    value:
    lib.substring 0 16 (
      builtins.hashString "sha256" (builtins.unsafeDiscardStringContext (builtins.toJSON value))
    );
  withoutMarker =
    section:
    lib.removeAttrs section [
      "ExecStartPre"
      "ExecStartPost"
    ];

  # NixOS puts these on the path of every service: with another coreutils it is the same Owncast.
  defaultPath = [
    pkgs.coreutils
    pkgs.findutils
    pkgs.gnugrep
    pkgs.gnused
    config.systemd.package
  ];
in
{
  ofService =
    {
      environment,
      path,
      serviceConfig,
      ...
    }:
    hashOf {
      # PATH repeats the path.
      environment = lib.removeAttrs environment [ "PATH" ];
      path = lib.subtractLists defaultPath path;
      serviceConfig = withoutMarker serviceConfig;
    };

  ofSocket = { socketConfig, ... }: hashOf (withoutMarker socketConfig);
}
