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

  "what would break a further stage is refused, by its own option" = {
    expr =
      map
        (
          second:
          begins (refused {
            more = lib.mapAttrs (
              _:
              lib.recursiveUpdate {
                domain = "second-tokyo.nixos.org";
                origin.url = "https://second.nixos.org";
              }
            ) second;
          })
        )
        [
          { second.origin.url = "http://second.nixos.org"; }
          { second.domain = "second.example.org"; }
          # Its requests would go round in a circle.
          { second.origin.url = "https://live-tokyo.nixos.org"; }
          { inner = { }; }
          { plain = { }; }
          { "Second".mode = "video"; }
          { second = { }; }
        ];
    expected = [
      [ "${option}.more.second.origin.url is \"http" ]
      [ "${option}.more.second.domain is \"second.example.org\", which is a placeholder" ]
      [ "${option}.more.second.origin.url leads to live-tokyo.nixos.org, which is this edge itself" ]
      [ "${option}.more.inner" ]
      [ "${option}.more.plain" ]
      [ "${option}.more.Second" ]
      [ ]
    ];
  };

  "files with blanks in their names are refused: systemd and nginx would read two words" = {
    expr = map begins [
      (refused { secret.file = "/run/my secrets/edge"; })
      (refused { origin.authorities = "/etc/our authority.pem"; })
      (refused { cache.folder = "/mnt/my cache"; })
      (refused {
        tls = {
          certificate = "/etc/my edge.pem";
          key = "/etc/../edge.key";
        };
      })
    ];
    expected = [
      [ "${option}.secret.file is \"/run/my secrets/edge\"" ]
      [ "${option}.origin.authorities is \"/etc/our authority.pem\"" ]
      [ "${option}.cache.folder is \"/mnt/my cache\"" ]
      [
        "${option}.tls.certificate is \"/etc/my edge.pem\""
        "${option}.tls.key is \"/etc/../edge.key\""
      ]
    ];
  };

  "a secret in the store, which everybody may read, is refused" = {
    expr =
      (edgeWith { secret.file = "/nix/store/00000000000000000000000000000000-secret"; })
      .services.lectern.edge.secret.file;
    expectedError = "services.lectern.edge.secret.file";
  };

  "a cache without a unit is refused" = {
    expr = (edgeWith { cache.size = "2 GB"; }).services.lectern.edge.cache.size;
    expectedError = "services.lectern.edge.cache.size";
  };

  "an unknown mode is refused" = {
    expr = (edgeWith { mode = "audio"; }).services.lectern.edge.mode;
    expectedError = "services.lectern.edge.mode";
  };

  "another site of the host's nginx with the edge's name is refused" = {
    expr = map (lib.hasPrefix "services.nginx.virtualHosts.") (
      refusals (nixos [
        lectern
        {
          services.lectern.edge = three;
          services.nginx.virtualHosts.${three.domain}.locations."/".root = "/srv/www";
        }
      ])
    );
    expected = [ true ];
  };

  "an edge of the video alone needs no secret, and the firewall stays shut if the host says so" = {
    expr =
      let
        video = edgeWith {
          mode = "video";
          openFirewall = false;
        };
      in
      [
        video.warnings
        video.networking.firewall.allowedTCPPorts
        (lib.hasInfix "This edge has only the video"
          video.services.nginx.virtualHosts."~lectern.edge".extraConfig
        )
      ];
    expected = [
      [ ]
      [ ]
      true
    ];
  };

  "nginx tries again for as long as it cannot find the origin's address, although nixpkgs limits its starts" =
    {
      expr = {
        inherit (plain.systemd.services.nginx) startLimitIntervalSec wants;
        ofNixpkgs =
          (nixos [
            lectern
            { services.nginx.enable = true; }
          ]).systemd.services.nginx.startLimitIntervalSec;
      };
      expected = {
        startLimitIntervalSec = 0;
        wants = [ "network-online.target" ];
        ofNixpkgs = 60;
      };
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
