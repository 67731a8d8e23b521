# Units that restart services and sockets whose declaration changed, but which a switch does not restart.
{ config, lib }:
let
  cfg = config.services.lectern;
  systemctl = lib.getExe' config.systemd.package "systemctl";

  # Each switch starts the inactive units that multi-user.target wants. Such a unit has work only while a unit of another
  # declaration runs: then the file of this declaration is missing.
  unlessDeclared = declaration: {
    wantedBy = [ "multi-user.target" ];
    unitConfig.ConditionPathExists = "!${declaration}";
    inherit (cfg) onFailure;
  };
in
{
  # Restarts a service once nothing is on air.
  serviceOffAir =
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
      # If the service restarts meanwhile for another reason, it has the new declaration: then this unit ends.
      partOf = [ service ];
      serviceConfig = import ./lectern-hardening.nix // {
        # The switch goes on at once: this waits for as long as the stream lasts.
        Type = "exec";
        # As root, because systemd obeys nobody else; without root's powers.
        ExecStart = lib.concatStringsSep " " [
          "${lib.getExe cfg.package} when-off-air --url http://127.0.0.1:${toString stage.ports.web}"
          "-- ${systemctl} restart --no-block ${service}"
        ];
      };
    };

  # Restarts a socket at once, and its service with it. No switch ever restarts a changed socket. Caddy finds the socket closed
  # for a moment and tries again. A socket that somebody stopped stays closed.
  socket =
    { unit, declaration }:
    unlessDeclared declaration
    // {
      description = "Restart of ${unit}.socket after a changed declaration";
      after = map (kind: "${unit}.${kind}") [
        "socket"
        "service"
      ];
      serviceConfig = import ./hardening.nix // {
        Type = "oneshot";
        # As root, because systemd obeys nobody else; without root's powers.
        ExecStart = "${systemctl} try-restart ${unit}.socket";
        TimeoutStartSec = "1min";
      };
    };
}
