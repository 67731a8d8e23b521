# Proves: three lines make an edge, with nginx, BBR, firewall and certificates; what would break one is refused, with a remedy; its
# secret reaches neither nginx's configuration nor the store.
{
  lib,
  lectern,
  nixos,
  refusals,
  host,
  modulesOf,
  ...
}:
let
  three = {
    enable = true;
    domain = "live-tokyo.nixos.org";
    origin.url = "https://live.nixos.org";
  };
  edgeWith =
    edge:
    nixos [
      lectern
      { services.lectern.edge = lib.recursiveUpdate three edge; }
    ];
  plain = edgeWith { };
  refused = edge: refusals (edgeWith edge);
  begins = map (message: lib.head (lib.splitString ":" message));
  option = "services.lectern.edge";
  withSecret = edgeWith { secret.file = "/run/secrets/edge-secret"; };
in
{
  "three lines are enough, and a warning says what the secret is for" = {
    expr = {
      refusals = refusals plain;
      warnings = map (warning: lib.head (lib.splitString ":" warning)) plain.warnings;
    };
    expected = {
      refusals = [ ];
      warnings = [ "${option}.secret.file is not set" ];
    };
  };

  "with a secret nothing is warned of, and a unit gives it to nginx" = {
    expr = {
      inherit (withSecret) warnings;
      inherit (withSecret.systemd.services.lectern-edge-secret.serviceConfig) LoadCredential;
      named = lib.hasInfix "/run/secrets/edge-secret" withSecret.services.nginx.commonHttpConfig;
    };
    expected = {
      warnings = [ ];
      LoadCredential = "edge-secret:/run/secrets/edge-secret";
      named = false;
    };
  };

  "it gets certificates, an open firewall, BBR, and a place for its cache" = {
    expr = {
      acme = plain.services.nginx.virtualHosts."~lectern.edge".enableACME;
      ports = plain.networking.firewall.allowedTCPPorts;
      bbr = plain.boot.kernel.sysctl."net.ipv4.tcp_congestion_control";
      writes = plain.systemd.services.nginx.serviceConfig.ReadWritePaths;
    };
    expected = {
      acme = true;
      ports = [
        80
        443
      ];
      bbr = "bbr";
      writes = [ "/var/cache/lectern-edge" ];
    };
  };

  "a wrong origin, a placeholder, and the edge itself as its origin are refused" = {
    expr = map begins [
      (refused { origin.url = "http://live.nixos.org"; })
      (refused { origin.url = "https://live.nixos.org/page"; })
      (refused { origin.url = "https://live.nixos.org; return 200"; })
      (refused { origin.url = "https://live-tokyo.nixos.org"; })
      (refused { domain = "edge.example.org"; })
      (refused { domain = "Edge.nixos.org"; })
    ];
    expected = [
      [ "${option}.origin.url is \"http" ]
      [ "${option}.origin.url is \"https" ]
      [ "${option}.origin.url is \"https" ]
      [ "${option}.origin.url leads to live-tokyo.nixos.org, which is this edge itself" ]
      [ "${option}.domain is \"edge.example.org\", which is a placeholder" ]
      [ "${option}.domain is \"Edge.nixos.org\"" ]
    ];
  };

  "a port that nginx would not take is refused, and another one reaches it" = {
    expr = {
      refused =
        map
          (
            url:
            lib.length (refused {
              origin = { inherit url; };
            })
          )
          [
            "https://live.nixos.org:0"
            "https://live.nixos.org:65536"
          ];
      sent = lib.hasInfix "server live.nixos.org:8443 max_fails=0;" (
        (edgeWith { origin.url = "https://live.nixos.org:8443/"; }).services.nginx.commonHttpConfig
      );
    };
    expected = {
      refused = [
        1
        1
      ];
      sent = true;
    };
  };

  "a folder that others need too is no place for the cache: only nginx could open it then" = {
    expr =
      map
        (
          folder:
          lib.length (refused {
            cache = { inherit folder; };
          })
        )
        [
          "/"
          "/mnt"
          "/var/cache"
          "/home/alice"
          "/mnt/fast"
          "/var/cache/edge"
        ];
    expected = [
      2
      1
      1
      1
      0
      0
    ];
  };

  "a host with stages is no edge, and no two stages share a name on one" = {
    expr = [
      (lib.any (lib.hasInfix "on a host that has stages itself") (
        refusals (nixos [
          lectern
          {
            services.lectern = {
              enable = true;
              stages.main = {
                domain = "live.test";
                seed = ./lib/seed.json;
              };
              edge = three;
            };
          }
        ])
      ))
      (lib.any (lib.hasInfix "share a domain") (refused {
        more.second = {
          inherit (three) domain;
          origin.url = "https://second.nixos.org";
        };
      }))
      (lib.any (lib.hasPrefix "services.caddy.enable starts another web server") (
        refusals (nixos [
          lectern
          {
            services.lectern.edge = three;
            services.caddy.enable = true;
          }
        ])
      ))
    ];
    expected = [
      true
      true
      true
    ];
  };

  "a host without edges has no door for them" = {
    expr = (host [ ]).systemd.services ? lectern-edge-door;
    expected = false;
  };

  # Both cost each playlist.
  "only with a secret for edges Caddy reads a viewer's address from a map" = {
    expr =
      map
        (
          modules:
          lib.mapAttrsToList (_: site: lib.hasInfix "{lectern_address}" site.extraConfig)
            (nixos (modulesOf [ ] ++ modules)).services.caddy.virtualHosts
        )
        [
          [ ]
          [ { services.lectern.edgeSecret.file = "/run/secrets/edge-secret"; } ]
        ];
    expected = [
      [
        false
        false
      ]
      [
        true
        true
      ]
    ];
  };
}
