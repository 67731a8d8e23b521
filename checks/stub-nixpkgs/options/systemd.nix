# The options of a systemd service in NixOS.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  declare = type: default: mkOption { inherit type default; };
  each = names: option: lib.genAttrs names (_: option);

  unit.options =
    each [
      "confinement"
      "description"
      "documentation"
      "enable"
      "enableStrictShellChecks"
      "postStart"
      "postStop"
      "preStart"
      "preStop"
      "reload"
      "reloadIfChanged"
      "script"
      "startAt"
      "startLimitBurst"
      "startLimitIntervalSec"
    ] (declare types.anything null)
    // {
      restartIfChanged = declare types.bool true;
      stopIfChanged = declare types.bool true;
    }
    // each [
      "after"
      "aliases"
      "before"
      "bindsTo"
      "conflicts"
      "onFailure"
      "onSuccess"
      "restartTriggers"
      "reloadTriggers"
      "partOf"
      "path"
      "requiredBy"
      "requires"
      "requisite"
      "upholds"
      "wantedBy"
      "wants"
    ] (declare (types.listOf types.anything) [ ])
    // each [
      "environment"
      "serviceConfig"
      "unitConfig"
    ] (declare (types.attrsOf types.anything) { });

  # As in NixOS: PATH has the service's packages first, then NixOS' own.
  service =
    args:
    let
      inherit (args.config) path;
    in
    {
      imports = [ unit ];
      config = {
        path = lib.mkAfter [
          pkgs.coreutils
          pkgs.findutils
          pkgs.gnugrep
          pkgs.gnused
          config.systemd.package
        ];
        environment.PATH = "${lib.makeBinPath path}:${lib.makeSearchPathOutput "bin" "sbin" path}";
      };
    };

  socket.options = {
    description = declare types.str "";
    aliases = declare (types.listOf types.str) [ ];
    wantedBy = declare (types.listOf types.str) [ ];
    socketConfig = declare (types.attrsOf types.anything) { };
  };
in
{
  options.systemd = {
    package = declare types.package pkgs.systemd;
    services = declare (types.attrsOf (types.submodule service)) { };
    sockets = declare (types.attrsOf (types.submodule socket)) { };
    tmpfiles.rules = declare (types.listOf types.str) [ ];
  };
}
