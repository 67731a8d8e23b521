# What a systemd service may say in NixOS.
{ lib, ... }:
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
      "reloadTriggers"
      "restartIfChanged"
      "restartTriggers"
      "script"
      "startAt"
      "startLimitBurst"
      "startLimitIntervalSec"
      "stopIfChanged"
    ] (declare types.anything null)
    // each [
      "after"
      "before"
      "bindsTo"
      "conflicts"
      "onFailure"
      "onSuccess"
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
in
{
  options.systemd = {
    services = declare (types.attrsOf (types.submodule unit)) { };
    tmpfiles.rules = declare (types.listOf types.str) [ ];
  };
}
