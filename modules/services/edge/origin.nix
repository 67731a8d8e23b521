# The origin's trust in its edges: who shows the secret may say which viewer asks.
{ config, lib, ... }:
let
  inherit (import ../../core/lib/stage-option.nix { inherit lib; }) internal;
  cfg = config.services.lectern;
  doorUnit = import ../../core/lib/door-unit.nix { inherit config lib; };
in
{
  options.services.lectern.edgeSecret = {
    file = lib.mkOption {
      type = lib.types.nullOr lib.types.externalPath;
      default = null;
      example = "/run/secrets/edge-secret";
      description = ''
        File on this host with the secret of its edges, on one line: 22 to 128 random letters, digits, dashes and underscores, such as
        {command}`openssl rand -hex 32` prints. Each edge has the same in {option}`services.lectern.edge.secret.file`. An edge that shows
        it may say which viewer asks, so that Owncast counts and bans that viewer. Null for no edges.
      '';
    };
    folder = internal "The folder with the secret, for the web server.";
  };

  config.services.lectern.edgeSecret.folder = "/run/lectern/edge-door";
  config.systemd.services = lib.mkIf (cfg.enable && cfg.edgeSecret.file != null) {
    lectern-edge-door = doorUnit {
      description = "The secret of this host's edges";
      inherit (cfg.edgeSecret) file;
      command = "edge-door --secret-file";
      secret = "edge-secret";
      inherit (cfg.edgeSecret) folder;
      # While this unit restarts or fails, the edges stay known.
      preserve = true;
    };
  };
}
