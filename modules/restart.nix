# A server that was declared anew while a stream runs: it is restarted when the stream has ended.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.lectern;
  namesOf = import ./lib/stage.nix;
  systemctl = lib.getExe' config.systemd.package "systemctl";

  unit =
    name: stage:
    let
      inherit (namesOf name) units;
      server = "${units.server}.service";
    in
    lib.nameValuePair units.restart {
      description = "Restart of the stage ${name}'s server, once nothing is on air";
      # Each switch starts what multi-user.target wants and is not active: so a changed server finds it. It has something
      # to do only while a server of another declaration runs, and none of this one.
      wantedBy = [ "multi-user.target" ];
      after = [ server ];
      unitConfig.ConditionPathExists = "!${stage.declaration}";
      # A server that was restarted meanwhile, by whom ever, is the declared one: nothing is left to wait for.
      partOf = [ server ];
      inherit (cfg) onFailure;
      serviceConfig = import ./lib/lectern-hardening.nix // {
        # The switch goes on at once: this waits for as long as the stream lasts.
        Type = "exec";
        # As root, for systemd obeys nobody else; without any of root's powers.
        ExecStart = lib.concatStringsSep " " [
          "${lib.getExe cfg.package} when-off-air --url http://127.0.0.1:${toString stage.ports.web}"
          "-- ${systemctl} restart --no-block ${server}"
        ];
      };
    };
in
{
  config = lib.mkIf cfg.enable { systemd.services = lib.mapAttrs' unit cfg.stages; };
}
