# Proves: a stage's site has the declared host names, certificate, admin networks and log.
{ lib, host, ... }:
let
  caddyOf = stage: (host [ stage ]).services.caddy;
  siteOf = stage: (caddyOf stage).virtualHosts."live.test".extraConfig;
  plain = siteOf { };
  says = text: site: lib.hasInfix text site;
  # Other claims cover HTTP/3 for sites with TLS; plain http has none.
  forgetHttp3 = "\theader Alt-Svc clear\n";
in
{
  "a stage has a site for its domain, and one for this machine on a port of its own" = {
    expr = lib.attrNames (caddyOf { }).virtualHosts;
    expected = [
      "http://localhost:8880"
      "live.test"
    ];
  };

  "only this machine can use that port, and it opens the admin page with the rules of the domain" = {
    expr =
      let
        site = (caddyOf { }).virtualHosts."http://localhost:8880";
      in
      {
        inherit (site) serverAliases listenAddresses;
        rules =
          forgetHttp3 + lib.replaceStrings [ "127.0.0.0/8" ] [ "255.255.255.255/32" ] site.extraConfig;
      };
    expected = {
      serverAliases = [ "http://127.0.0.1:8880" ];
      listenAddresses = [ "127.0.0.1" ];
      rules = siteOf { hstsSeconds = null; };
    };
  };

  "without that port there is only the site for the domain" = {
    expr = lib.attrNames (caddyOf { ports.admin = null; }).virtualHosts;
    expected = [ "live.test" ];
  };

  "browsers are told to use only HTTPS if the certificate is from a public authority or an option says so" =
    {
      expr =
        map (stage: builtins.match ".*header Strict-Transport-Security ([^\n]*)\n.*" "\n${siteOf stage}")
          [
            { }
            { tls = "internal"; }
            {
              tls = {
                certificate = "/etc/tls/cert.pem";
                key = "/etc/tls/key.pem";
              };
            }
            { hstsSeconds = 0; }
            { hstsSeconds = null; }
            {
              tls = "internal";
              hstsSeconds = 60;
            }
          ];
      expected = [
        [ "max-age=31536000" ]
        null
        null
        [ "max-age=0" ]
        null
        [ "max-age=60" ]
      ];
    };

  "aliases redirect to the domain and keep the path" = {
    expr =
      let
        site =
          (caddyOf {
            aliases = [
              "www.test"
              "old.test"
            ];
          }).virtualHosts."www.test";
      in
      {
        inherit (site) serverAliases;
        text = lib.splitString "\n" (lib.trim (lib.removePrefix forgetHttp3 site.extraConfig));
      };
    expected = {
      serverAliases = [ "old.test" ];
      text = [
        "header Strict-Transport-Security max-age=31536000"
        "\t@path expression `{uri}.startsWith(\"/\")`"
        "\tredir @path https://live.test{uri} permanent"
        "\trespond 400"
      ];
    };
  };

  "every placeholder between @ signs is filled in" = {
    expr = builtins.match ".*@[A-Za-z]+@.*" (lib.replaceStrings [ "\n" ] [ " " ] plain);
    expected = null;
  };

  "the certificate comes from a public authority unless tls says otherwise" = {
    expr = map (tls: builtins.match ".*\n\ttls ([^\n]*)\n.*" "\n${siteOf { inherit tls; }}") [
      "acme"
      "internal"
      {
        certificate = "/etc/tls/cert.pem";
        key = "/etc/tls/key.pem";
      }
    ];
    expected = [
      null
      [ "internal" ]
      [ "/etc/tls/cert.pem /etc/tls/key.pem" ]
    ];
  };

  "the admin page is open only to allowed networks" = {
    expr =
      map
        (
          allow:
          builtins.match ".*not remote_ip ([^\n]*)\n.*" (siteOf {
            admin = { inherit allow; };
          })
        )
        [
          [ ]
          [
            "192.0.2.0/24"
            "2001:db8::/32"
          ]
        ];
    expected = [
      [ "255.255.255.255/32" ]
      [ "192.0.2.0/24 2001:db8::/32" ]
    ];
  };

  "a site uses its stage's own Owncast port, keeper and folder of segments" = {
    expr =
      map
        (
          text:
          says text (siteOf {
            ports.web = 8123;
          })
        )
        [
          "reverse_proxy 127.0.0.1:8123 "
          "reverse_proxy unix//run/lectern/main-keeper.sock 127.0.0.1:8123 "
          "root * \"/var/cache/lectern/main\""
        ];
    expected = [
      true
      true
      true
    ];
  };

  # No passive health checks: clients could make an upstream look unhealthy with their own requests.
  "only Caddy's health checks decide that Owncast is down" = {
    expr = map (text: says text plain) [
      "fail_duration"
      "max_fails"
      "unhealthy_"
      "health_uri /api/status\n"
    ];
    expected = [
      false
      false
      false
      true
    ];
  };

  "a reload waits only a limited time for connections" = {
    expr = says "grace_period 10s\n" (caddyOf { }).globalConfig;
    expected = true;
  };

  "only a host with Caddy's internal authority is told not to install it as trusted" = {
    expr = map (tls: says "skip_install_trust" (caddyOf { inherit tls; }).globalConfig) [
      "acme"
      "internal"
    ];
    expected = [
      false
      true
    ];
  };

  "each site has a filtered access log" = {
    expr =
      lib.mapAttrs (_: site: says "format filter" site.logFormat)
        (caddyOf {
          aliases = [ "www.test" ];
        }).virtualHosts;
    expected = {
      "http://localhost:8880" = true;
      "live.test" = true;
      "www.test" = true;
    };
  };
}
