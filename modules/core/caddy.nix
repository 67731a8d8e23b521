# The sites: what viewers meet. Not ordered after any stage: a page of its own is better than no answer.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  template = lib.readFile ../../caddy/stage.caddyfile;

  inherit (import ./lib/networks.nix { inherit lib; }) caddyText;
  siteOf =
    { ports, names, ... }:
    adminNetworks:
    lib.replaceStrings
      [
        "@upstream@"
        "@keeper@"
        "@segmentsDir@"
        "@adminNetworks@"
      ]
      [
        "127.0.0.1:${toString ports.web}"
        "unix/${names.keeperSocket}"
        names.cacheDir
        (caddyText adminNetworks)
      ]
      template;

  certificateOf =
    tls:
    if tls == "acme" then
      ""
    else if tls == "internal" then
      "\ttls internal\n"
    else
      "\ttls ${tls.certificate} ${tls.key}\n";

  # For this name alone: what is under it, or a later owner's, is not Lectern's to promise.
  hstsOf =
    { hstsSeconds, ... }:
    lib.optionalString (
      hstsSeconds != null
    ) "\theader Strict-Transport-Security max-age=${toString hstsSeconds}\n";

  logOf = file: ''
    output file ${config.services.caddy.logDir}/access-${file}.log
    ${lib.readFile ../../caddy/access-log.caddyfile}'';

  sitesOf =
    name: stage:
    {
      ${stage.domain} = {
        logFormat = logOf name;
        extraConfig = certificateOf stage.tls + hstsOf stage + stage.door + siteOf stage stage.admin.allow;
      };
    }
    # The way in by SSH: the same site, so the same rules, with the admin page open to this machine.
    // lib.optionalAttrs (stage.ports.admin != null) {
      "http://localhost:${toString stage.ports.admin}" = {
        serverAliases = [ "http://127.0.0.1:${toString stage.ports.admin}" ];
        listenAddresses = [ "127.0.0.1" ];
        logFormat = logOf "${name}-admin";
        extraConfig = siteOf stage [ "127.0.0.0/8" ];
      };
    }
    // lib.optionalAttrs (stage.aliases != [ ]) {
      ${lib.head stage.aliases} = {
        serverAliases = lib.tail stage.aliases;
        logFormat = logOf "${name}-aliases";
        # A request may name what is no path; put behind the domain, it would lead to another one.
        extraConfig =
          certificateOf stage.tls
          + hstsOf stage
          + ''
            	@path expression `{uri}.startsWith("/")`
            	redir @path https://${stage.domain}{uri} permanent
            	respond 400
          '';
      };
    };
  stage.options.door = lib.mkOption {
    type = lib.types.lines;
    default = "";
    internal = true;
    description = "What keeps strangers out, for the Caddyfile, before the site itself.";
  };
in
{
  options.services.lectern.stages = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule stage);
  };

  config = lib.mkIf (cfg.enable && cfg.stages != { }) {
    services.caddy = {
      enable = true;
      virtualHosts = lib.concatMapAttrs sitesOf cfg.stages;
      # Reloads end: players and chats would otherwise hold the old configuration for as long as they stay.
      globalConfig = ''
        grace_period 10s
      ''
      # It would ask for root's powers to make this machine trust its own authority.
      + lib.optionalString (lib.any ({ tls, ... }: tls == "internal") (lib.attrValues cfg.stages)) ''
        skip_install_trust
      '';
    };

    # Go clears memory up whenever what Caddy holds has doubled: many times a second, for it holds little. With more room an
    # answer costs a seventh less, for some 200 kB a viewer; from a gigabyte on it makes do with less room again.
    systemd.services.caddy.environment = lib.mapAttrs (_: lib.mkDefault) {
      GOGC = "400";
      GOMEMLIMIT = "1GiB";
    };

    # A changed Caddy is restarted in its place. By default a switch stops it first and starts it last.
    systemd.services.caddy.stopIfChanged = lib.mkDefault false;

    # nixpkgs' unit protects little. Nothing here takes away what a site needs that is not Lectern's: it may still call
    # other machines, run what it likes as its user, and write where nixpkgs lets it.
    systemd.services.caddy.serviceConfig = lib.mapAttrs (_: lib.mkDefault) (
      lib.removeAttrs (import ./lib/hardening.nix) [
        # nixpkgs sets these itself.
        "NoNewPrivileges"
        "PrivateDevices"
        "ProtectHome"
        # Certificates come from outside, and so do viewers.
        "IPAddressDeny"
        "IPAddressAllow"
        # Other sites' sockets and files may hang on its group.
        "UMask"
        # How many connections may wait is in /proc/sys; without it, a crowd would be turned away at 128.
        "ProcSubset"
      ]
      // {
        # Ports 80 and 443. It may not tune the network, which its own unit would let it: the empty word takes that back.
        AmbientCapabilities = [
          ""
          "CAP_NET_BIND_SERVICE"
        ];
        CapabilityBoundingSet = [
          ""
          "CAP_NET_BIND_SERVICE"
        ];
        # HTTP/3 looks at the interfaces.
        RestrictAddressFamilies = [
          "AF_UNIX"
          "AF_INET"
          "AF_INET6"
          "AF_NETLINK"
        ];
        # While downloads end, Caddy takes no new connection: a restart waits for none, and everybody is answered at once.
        RestartKillSignal = "SIGQUIT";
        # What Caddy exits with then; a crash of Go's is a 2 as well, and has to be mended.
        SuccessExitStatus = 2;
        RestartForceExitStatus = 2;
        # A stop lasts as long as `grace_period`; upstream's 5 s would kill Caddy and make that a failure.
        TimeoutStopSec = 15;
        # As for Owncast: only a leak gets there. Buffers of sockets count too, and every viewer of every stage hangs on it.
        MemoryMax = "75%";
        # Go starts a thread for each file that is slow to read.
        TasksMax = 4096;
      }
    );
  };
}
