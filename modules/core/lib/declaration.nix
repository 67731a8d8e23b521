# A hash that tells whether a unit's declaration has changed. Seeds do not count. A file with this name exists while the unit
# runs: ExecStartPre makes it, or a socket's ExecStartPost, so these two cannot count either.
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

  # NixOS puts these on every service's path. A new version of them makes no new Owncast.
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
    name:
    let
      inherit (config.systemd.services.${name}) environment path serviceConfig;
    in
    hashOf {
      # PATH is made of `path`, which is below.
      environment = lib.removeAttrs environment [ "PATH" ];
      path = lib.subtractLists defaultPath path;
      serviceConfig = withoutMarker serviceConfig;
    };

  ofSocket = name: hashOf (withoutMarker config.systemd.sockets.${name}.socketConfig);
}
