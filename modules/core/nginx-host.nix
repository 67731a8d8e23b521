# What the host's nginx needs as a whole if Lectern has sites there: those of stages, or of an edge. Everything here is a default that
# the host may replace.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (import ./lib/nginx-site.nix { inherit config lib; }) filled;
  longestName = lib.foldl' (longest: name: lib.max longest (lib.stringLength name)) 0 (
    lib.concatLists (lib.attrValues cfg.nginxNames)
  );
in
{
  options.services.lectern.nginxNames = lib.mkOption {
    type = lib.types.attrsOf (lib.types.listOf lib.types.str);
    default = { };
    internal = true;
    description = "The names of Lectern's sites in the host's nginx, by the option that has them.";
  };

  config = lib.mkIf (cfg.nginxNames != { }) {
    services.nginx = {
      enable = true;
      # A restart would end all connections at once.
      enableReload = lib.mkDefault true;
      # Before the sites, which use its words.
      commonHttpConfig = lib.mkBefore (
        filled ../../generated/site/host.nginx {
          edgeDoor = lib.optionalString (
            cfg.edgeSecret.file != null
          ) "include ${cfg.edgeSecret.folder}/*.nginx;";
        }
      );
      # nginx refuses a name that is longer than its table's default allows.
      serverNamesHashBucketSize = lib.mkIf (longestName > 32) (lib.mkDefault 512);
      # nixpkgs' default is one worker with 512 connections. Each viewer takes one, and another one while the server asks the keeper
      # or Owncast for it. After a reload, the old workers end, although players and chats stay connected.
      eventsConfig = lib.mkDefault ''
        worker_connections 8192;
      '';
      appendConfig = lib.mkDefault ''
        worker_processes auto;
        worker_shutdown_timeout 10s;
      '';
    };

    # nixpkgs' unit is hardened. What it lacks changes nothing for the host's other sites.
    systemd.services.nginx.serviceConfig = lib.mapAttrs (_: lib.mkDefault) {
      # Twice the connections of a worker, and files.
      LimitNOFILE = 65536;
      # As for Caddy: only a leak reaches it. Socket buffers count too, and all viewers of all stages depend on nginx.
      MemoryMax = "75%";
      TasksMax = 4096;
      KeyringMode = "private";
      SystemCallErrorNumber = "EPERM";
    };
  };
}
