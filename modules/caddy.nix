# The sites: what viewers meet. Not ordered after any stage: a page of its own is better than no answer.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  namesOf = import ./lib/stage.nix;
  template = lib.readFile ../caddy/stage.caddyfile;

  # An address that nobody comes from: `remote_ip` wants one, and none is what is meant.
  nobody = "255.255.255.255/32";
  siteOf =
    name:
    { ports, admin, ... }:
    lib.replaceStrings
      [
        "@upstream@"
        "@keeper@"
        "@segmentsDir@"
        "@adminNetworks@"
      ]
      [
        "127.0.0.1:${toString ports.web}"
        "unix/${(namesOf name).keeperSocket}"
        (namesOf name).cacheDir
        (if admin.allow == [ ] then nobody else lib.concatStringsSep " " admin.allow)
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

  logOf = file: ''
    output file ${config.services.caddy.logDir}/access-${file}.log
    ${lib.readFile ../caddy/access-log.caddyfile}'';

  sitesOf =
    name: stage:
    {
      ${stage.domain} = {
        logFormat = logOf name;
        extraConfig = certificateOf stage.tls + siteOf name stage;
      };
    }
    // lib.optionalAttrs (stage.aliases != [ ]) {
      ${lib.head stage.aliases} = {
        serverAliases = lib.tail stage.aliases;
        logFormat = logOf "${name}-aliases";
        extraConfig = ''
          ${certificateOf stage.tls}	redir https://${stage.domain}{uri} permanent
        '';
      };
    };
in
{
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
        # QUIC looks at the interfaces.
        RestrictAddressFamilies = [
          "AF_UNIX"
          "AF_INET"
          "AF_INET6"
          "AF_NETLINK"
        ];
        # Twice GOMEMLIMIT on the smallest machine, and room for other sites; every viewer of every stage hangs on it.
        MemoryMax = "50%";
        # Go starts a thread for each file that is slow to read.
        TasksMax = 4096;
      }
    );
  };
}
