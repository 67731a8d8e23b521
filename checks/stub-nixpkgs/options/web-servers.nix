# Web servers that no stage uses, with nixpkgs' default ports.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  declare = type: default: mkOption { inherit type default; };
  off = declare types.bool false;
  anything = declare types.anything;
  namesTo = options: declare (types.attrsOf (types.submodule { inherit options; })) { };

  line = options: types.listOf (types.submodule { inherit options; });
  tlsOfSite = {
    addSSL = off;
    forceSSL = off;
    onlySSL = off;
  };
  onPort = port: {
    enable = off;
    port = declare types.port port;
  };
in
{
  options.services = {
    httpd = {
      enable = off;
      virtualHosts = mkOption {
        # By default, Apache shows its manual.
        default.localhost = { };
        type = types.attrsOf (
          types.submodule {
            options = tlsOfSite // {
              listen = declare (line {
                ip = declare types.str "*";
                port = mkOption { type = types.port; };
                ssl = off;
              }) [ ];
            };
          }
        );
      };
    };

    h2o = {
      enable = off;
      defaultHTTPListenPort = declare types.port 80;
      defaultTLSListenPort = declare types.port 443;
      hosts = namesTo {
        http = anything null;
        tls = anything null;
      };
    };

    traefik = {
      enable = off;
      static = {
        file = declare (types.nullOr types.path) null;
        settings = anything { entryPoints.http.address = ":80"; };
      };
    };

    hitch = {
      enable = off;
      frontend = mkOption {
        type = types.either types.str (types.listOf types.str);
        default = "[127.0.0.1]:443";
        apply = lib.toList;
      };
    };

    lighttpd = onPort 80;
    darkhttpd = onPort 80;
    sslh = onPort 443;
  };
}
