# Proves: another web server on port 80 or 443 beside the one of the stages is refused, with remedies. One on other ports is accepted.
{
  lib,
  lectern,
  nixos,
  modulesOf,
  refusals,
  ...
}:
let
  beside = services: refusals (nixos (modulesOf [ ] ++ [ { inherit services; } ]));
  besideNginx =
    services:
    refusals (
      nixos (
        modulesOf [ ]
        ++ [
          {
            inherit services;
          }
          { services.lectern.front = "nginx"; }
        ]
      )
    );
  refusal =
    name: ports: options:
    "services.${name}.enable starts another web server on port ${ports}, which Caddy takes for the stages: ${
      lib.optionalString (
        name == "nginx"
      ) "set services.lectern.front = \"nginx\", and the stages are among its sites; or "
    }leave it out, and write its sites to services.caddy.virtualHosts; or give it other ports (${options}), such as 8081, and let Caddy forward requests for its sites: services.caddy.virtualHosts.\"www.example.org\".extraConfig = \"reverse_proxy 127.0.0.1:8081\";";
  refusalBesideNginx =
    name: ports: options:
    "services.${name}.enable starts another web server on port ${ports}, which nginx takes for the stages: ${
      lib.optionalString (
        name == "caddy"
      ) "set services.lectern.front = \"caddy\", and the stages are among its sites; or "
    }leave it out, and write its sites to services.nginx.virtualHosts; or give it other ports (${options}), such as 8081, and let nginx forward requests for its sites: services.nginx.virtualHosts.\"www.example.org\".locations.\"/\".proxyPass = \"http://127.0.0.1:8081\";";
  caddyRefusals =
    ports:
    lib.optional (ports != null) (
      refusalBesideNginx "caddy" ports "services.caddy.httpPort and services.caddy.httpsPort"
    );
  nginxOptions = "services.nginx.defaultHTTPListenPort and services.nginx.defaultSSLListenPort, or listen of each site";
  nginx =
    settings:
    beside {
      nginx = {
        enable = true;
      }
      // settings;
    };
  onPort80 = [ (refusal "nginx" "80" nginxOptions) ];
  onPort443 = [ (refusal "nginx" "443" nginxOptions) ];
  both = [ (refusal "nginx" "80 and 443" nginxOptions) ];
in
{
  "nginx, with and without a site" = {
    expr = map nginx [
      { }
      { virtualHosts."www.test" = { }; }
      { virtualHosts."www.test".onlySSL = true; }
      { virtualHosts."www.test".forceSSL = true; }
      { virtualHosts."www.test".rejectSSL = true; }
    ];
    expected = [
      onPort80
      onPort80
      onPort443
      both
      both
    ];
  };

  "nginx on other ports is accepted, in each way that the message names" = {
    expr = map nginx [
      { defaultHTTPListenPort = 8081; }
      {
        defaultHTTPListenPort = 8081;
        defaultSSLListenPort = 8443;
        virtualHosts."www.test".forceSSL = true;
      }
      {
        virtualHosts."www.test" = {
          forceSSL = true;
          listen = [
            {
              addr = "127.0.0.1";
              port = 8081;
            }
            { addr = "unix:/run/nginx/site.sock"; }
          ];
        };
      }
      {
        defaultListen = [
          {
            addr = "127.0.0.1";
            port = 8081;
          }
        ];
        virtualHosts."www.test" = { };
      }
    ];
    expected = lib.replicate 4 [ ];
  };

  "nginx with only some sites on other ports" = {
    expr = map nginx [
      {
        defaultHTTPListenPort = 8081;
        virtualHosts."www.test".forceSSL = true;
      }
      {
        virtualHosts."www.test".listen = [ { addr = "[::]"; } ];
      }
      {
        statusPage = true;
        virtualHosts."www.test".listen = [
          {
            addr = "[::]";
            port = 8081;
          }
        ];
      }
      {
        defaultListen = [
          {
            addr = "127.0.0.1";
            port = 8443;
            ssl = true;
          }
          {
            addr = "127.0.0.1";
            ssl = false;
          }
        ];
        virtualHosts."www.test".addSSL = true;
      }
    ];
    expected = [
      onPort443
      onPort80
      onPort80
      onPort80
    ];
  };

  "nginx is accepted in front of Caddy if Caddy has other ports" = {
    expr = beside {
      nginx = {
        enable = true;
        virtualHosts."www.test".forceSSL = true;
      };
      caddy = {
        httpPort = 8081;
        httpsPort = 8443;
      };
    };
    expected = [ ];
  };

  "the other web servers of nixpkgs that use one of the two ports by default" = {
    expr = lib.genAttrs [
      "httpd"
      "h2o"
      "traefik"
      "hitch"
      "lighttpd"
      "darkhttpd"
      "sslh"
    ] (name: beside { ${name}.enable = true; });
    expected = lib.mapAttrs (name: { port, options }: [ (refusal name port options) ]) {
      httpd = {
        port = "80";
        options = "listen of each of services.httpd.virtualHosts";
      };
      h2o = {
        port = "80";
        options = "services.h2o.defaultHTTPListenPort and services.h2o.defaultTLSListenPort";
      };
      traefik = {
        port = "80";
        options = "services.traefik.static.settings.entryPoints";
      };
      hitch = {
        port = "443";
        options = "services.hitch.frontend";
      };
      lighttpd = {
        port = "80";
        options = "services.lighttpd.port";
      };
      darkhttpd = {
        port = "80";
        options = "services.darkhttpd.port";
      };
      sslh = {
        port = "443";
        options = "services.sslh.port";
      };
    };
  };

  "each of them is accepted on other ports" = {
    expr =
      map
        (
          { name, settings }:
          beside {
            ${name} = {
              enable = true;
            }
            // settings;
          }
        )
        (
          lib.mapAttrsToList (name: settings: { inherit name settings; }) {
            httpd.virtualHosts.localhost.listen = [ { port = 8081; } ];
            h2o = {
              hosts."www.test".tls.port = 8443;
              defaultHTTPListenPort = 8081;
            };
            traefik.static.settings.entryPoints = {
              http.address = "127.0.0.1:8081/tcp";
              metrics.address = ":8443";
            };
            hitch.frontend = "[*]:8443+/run/secrets/cert.pem";
            lighttpd.port = 8081;
            darkhttpd.port = 8081;
            sslh.port = 8443;
          }
        );
    expected = lib.replicate 7 [ ];
  };

  "traefik with TLS, and Apache with TLS" = {
    expr = beside {
      traefik = {
        enable = true;
        static.settings.entryPoints.https.address = "[::]:443";
      };
      httpd = {
        enable = true;
        virtualHosts = lib.mkForce { "www.test".onlySSL = true; };
      };
    };
    expected = [
      (refusal "httpd" "443" "listen of each of services.httpd.virtualHosts")
      (refusal "traefik" "443" "services.traefik.static.settings.entryPoints")
    ];
  };

  "on a host without stages, nginx may use both ports" = {
    expr = refusals (nixos [
      lectern
      {
        services = {
          lectern.enable = true;
          nginx.enable = true;
        };
      }
    ]);
    expected = [ ];
  };

  "with nginx in front, its own sites are no other web server, and Caddy is one" = {
    expr = map besideNginx (
      [
        {
          nginx = {
            enable = true;
            virtualHosts."www.test".addSSL = true;
            virtualHosts."www.test".sslCertificate = "/etc/tls/cert.pem";
            virtualHosts."www.test".sslCertificateKey = "/etc/tls/key.pem";
          };
        }
      ]
      ++
        map
          (caddy: {
            caddy = {
              enable = true;
            }
            // caddy;
          })
          [
            { }
            { virtualHosts."www.test" = { }; }
            { virtualHosts."http://www.test" = { }; }
            { virtualHosts."www.test:8443".serverAliases = [ "http://www.test:8081" ]; }
            {
              httpPort = 8081;
              httpsPort = 8443;
            }
          ]
    );
    expected = map caddyRefusals [
      null
      "80 and 443"
      "80 and 443"
      "80"
      null
      null
    ];
  };

  "with nginx in front, the remedies name nginx" = {
    expr = besideNginx { httpd.enable = true; };
    expected = [ (refusalBesideNginx "httpd" "80" "listen of each of services.httpd.virtualHosts") ];
  };

  "a Caddy with other ports may stand behind nginx, and nginx with other ports leaves them free" = {
    expr = besideNginx {
      nginx = {
        defaultHTTPListenPort = 8081;
        defaultSSLListenPort = 8443;
      };
      caddy.enable = true;
    };
    expected = [ ];
  };
}
