# An edge: the host's nginx with a cache, between far viewers and the stages of one origin.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (cfg) edge;
  inherit (config.services) nginx;
  inherit (import ../../core/lib/nginx-site.nix { inherit config lib; })
    certificateOf
    filled
    hstsOf
    logOf
    onlyFor
    plainSite
    variableOf
    withoutOtherCompression
    ;
  inherit (import ../../core/lib/host-names.nix { inherit lib; }) secureSite;
  doorUnit = import ../../core/lib/door-unit.nix { inherit config lib; };
  secretDir = "/run/lectern/edge-secret";
  innerSocket = "/run/nginx/lectern-edge.sock";

  templates = {
    full = ../../../generated/site/edge-full.nginx;
    video = ../../../generated/site/edge-video.nginx;
  };

  # The site of the edge itself and those of further stages, by name.
  sites = {
    edge = edge;
  }
  // lib.mapAttrs' (name: site: lib.nameValuePair "edge-${name}" site) edge.more;

  originOf = site: secureSite site.origin.url;

  valuesOf =
    name: site:
    let
      origin = originOf site;
    in
    {
      site = variableOf name;
      inherit (site) domain;
      originName = origin.name;
      originHost = origin.name + lib.optionalString (origin.port != 443) ":${toString origin.port}";
      originAddress = "${origin.name}:${toString origin.port}";
      originAuthorities = edge.origin.authorities;
      accessLog = logOf name;
      hsts = hstsOf { hstsSeconds = if site.tls == "acme" then 31536000 else null; };
    };

  sitesOf =
    name: site:
    {
      "~lectern.${name}" = certificateOf site.tls // {
        serverName = site.domain;
        extraConfig =
          onlyFor [ site.domain ]
          + withoutOtherCompression
          + filled templates.${site.mode} (valuesOf name site);
      };
      "~lectern.${name}.inner" = {
        serverName = site.domain;
        listen = [ { addr = "unix:${innerSocket}"; } ];
        extraConfig =
          withoutOtherCompression + filled ../../../generated/site/edge-inner.nginx (valuesOf name site);
      };
    }
    // plainSite "~lectern.${name}" {
      inherit (site) tls domain;
      log = name;
    };

  usable = lib.filterAttrs (_: site: originOf site != null) sites;
in
{
  imports = [
    ./options.nix
    ./origin.nix
    ./assertions.nix
  ];

  config = lib.mkIf edge.enable {
    services.lectern = {
      front = "nginx";
      nginxNames = lib.mapAttrs' (
        name: site:
        lib.nameValuePair (
          if name == "edge" then
            "services.lectern.edge"
          else
            "services.lectern.edge.more.${lib.removePrefix "edge-" name}"
        ) [ site.domain ]
      ) sites;
    };

    services.nginx = {
      virtualHosts = lib.concatMapAttrs sitesOf usable;
      commonHttpConfig =
        filled ../../../generated/site/edge-host.nginx {
          cacheFolder = edge.cache.folder;
          cacheSize = edge.cache.size;
          inherit innerSocket;
          secretFile = lib.optionalString (edge.secret.file != null) "include ${secretDir}/*.nginx;";
        }
        + lib.concatStrings (
          lib.mapAttrsToList (
            name: site: filled ../../../generated/site/edge-site.nginx (valuesOf name site)
          ) usable
        );
    };

    systemd.services = {
      nginx = {
        # nginx does not start if it cannot find the origin's address.
        wants = [ "network-online.target" ];
        after = [
          "network-online.target"
          "nss-lookup.target"
        ];
        # Without a limit it tries every 10 s. nixpkgs' own limit, which is no default, would end that after 50 s.
        startLimitIntervalSec = lib.mkOverride 75 0;
        serviceConfig.ReadWritePaths = [ edge.cache.folder ];
      };
    }
    // lib.optionalAttrs (edge.secret.file != null) {
      lectern-edge-secret = doorUnit {
        description = "The secret by which this edge proves itself to the origin";
        inherit (edge.secret) file;
        command = "edge-door --secret-file";
        form = " --for edge";
        secret = "edge-secret";
        folder = secretDir;
        # While this unit restarts or fails, the origin still knows the edge.
        preserve = true;
      };
    };

    # It stays at a restart: viewers then cost the origin nothing again.
    systemd.tmpfiles.rules = [ "d ${edge.cache.folder} 0700 ${nginx.user} ${nginx.group} -" ];

    networking.firewall = lib.mkIf edge.openFirewall {
      allowedTCPPorts = [
        80
        443
      ];
    };
  };
}
