# What a switch leaves as it is although it was declared anew: a server and a gate, which are restarted when the stream has
# ended, and the keeper's socket, which is restarted at once.
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
      ${units.keeperUpdate} = restartSocket stage units.keeper;
    };

  # Each switch starts what multi-user.target wants and is not active. Such a unit has something to do only while one of
  # another declaration runs, and none of this one.
  unlessDeclared = declaration: {
    wantedBy = [ "multi-user.target" ];
    unitConfig.ConditionPathExists = "!${declaration}";
    inherit (cfg) onFailure;
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
    unlessDeclared declaration
    // {
      description = "Restart of the ${what}, once nothing is on air";
      after = [ service ];
      # A service that was restarted meanwhile, by whom ever, is the declared one: nothing is left to wait for.
      partOf = [ service ];
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

  # No switch ever restarts a changed socket. systemd does it in one go, and the keeper with it, which goes on from its state.
  # Caddy finds nobody for some hundredths of a second and asks again. A socket that is closed stays so.
  restartSocket =
    stage: unit:
    unlessDeclared stage.keeperSocketDeclaration
    // {
      description = "Restart of ${unit}.socket, if it was declared anew";
      after = map (kind: "${unit}.${kind}") [
        "socket"
        "service"
      ];
      serviceConfig = import ./lib/hardening.nix // {
        Type = "oneshot";
        # As root, for systemd obeys nobody else; without any of root's powers.
        ExecStart = "${systemctl} try-restart ${unit}.socket";
        TimeoutStartSec = "1min";
      };
    };
in
{
  config = lib.mkIf cfg.enable { systemd.services = lib.concatMapAttrs unitsOf cfg.stages; };
}
