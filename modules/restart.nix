# A server or a gate that was declared anew while a stream runs: it is restarted when the stream has ended.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.lectern;
  namesOf = import ./lib/stage.nix;
  systemctl = lib.getExe' config.systemd.package "systemctl";

  # Two units, not one for both: each ends when its own service was restarted meanwhile, and what did not change stays.
  unitsOf =
    name: stage:
    let
      inherit (namesOf name) units;
    in
    {
      ${units.restart} = mkRestart stage {
        what = "server of the stage ${name}";
        unit = units.server;
        inherit (stage) declaration;
      };
      ${units.gateUpdate} = mkRestart stage {
        what = "gate of the stage ${name}";
        unit = units.gate;
        declaration = stage.gateDeclaration;
      };
    };

  mkRestart =
    stage:
    {
      what,
      unit,
      declaration,
    }:
    let
      service = "${unit}.service";
    in
    {
      description = "Restart of the ${what}, once nothing is on air";
      # Each switch starts what multi-user.target wants and is not active: so a changed service finds it. It has something
      # to do only while one of another declaration runs, and none of this one.
      wantedBy = [ "multi-user.target" ];
      after = [ service ];
      unitConfig.ConditionPathExists = "!${declaration}";
      # A service that was restarted meanwhile, by whom ever, is the declared one: nothing is left to wait for.
      partOf = [ service ];
      inherit (cfg) onFailure;
      serviceConfig = import ./lib/lectern-hardening.nix // {
        # The switch goes on at once: this waits for as long as the stream lasts.
        Type = "exec";
        # As root, for systemd obeys nobody else; without any of root's powers.
        ExecStart = lib.concatStringsSep " " [
          "${lib.getExe cfg.package} when-off-air --url http://127.0.0.1:${toString stage.ports.web}"
          "-- ${systemctl} restart --no-block ${service}"
        ];
      };
    };
in
{
  config = lib.mkIf cfg.enable { systemd.services = lib.concatMapAttrs unitsOf cfg.stages; };
}
