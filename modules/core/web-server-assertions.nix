# Refuses another web server on the ports of the one in front of the stages: the host would build, and one of the two would not
# start. Covers the servers of nixpkgs that use port 80 or 443 by default. Ports in a server's own text, such as HAProxy's, cannot be
# seen here.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (config.services) caddy nginx;

  fronts = {
    caddy = {
      # Older versions of nixpkgs do not have the options.
      ports = [
        (caddy.httpPort or 80)
        (caddy.httpsPort or 443)
      ];
      sites = "services.caddy.virtualHosts";
      forwards = "services.caddy.virtualHosts.\"www.example.org\".extraConfig = \"reverse_proxy 127.0.0.1:8081\";";
    };
    nginx = {
      ports = [
        nginx.defaultHTTPListenPort
        nginx.defaultSSLListenPort
      ];
      sites = "services.nginx.virtualHosts";
      forwards = "services.nginx.virtualHosts.\"www.example.org\".locations.\"/\".proxyPass = \"http://127.0.0.1:8081\";";
    };
  };
  front = fronts.${cfg.front};

  # The port of an address such as ":80", "[::]:443/tcp" or "[127.0.0.1]:443+cert.pem".
  portOfAddress =
    address:
    let
      found = builtins.match ".*:([0-9]+)([/+].*)?" address;
    in
    lib.optional (found != null) (lib.toInt (lib.head found));

  isUnixSocket = { addr, ... }: lib.hasPrefix "unix:" addr;
  # nginx uses port 80 if a line names none.
  portsOfLines = map ({ port, ... }: if port == null then 80 else port);

  # The ports of one nginx or Apache site: its own, or the server's defaults.
  portsOfSite =
    { http, https }:
    site:
    if site.listen != [ ] then
      portsOfLines (lib.filter (line: !isUnixSocket ({ addr = ""; } // line)) site.listen)
    else
      lib.optionals (!site.onlySSL) http
      ++ lib.optionals (site.onlySSL || site.addSSL || site.forceSSL || site.rejectSSL or false) https;

  nginxPorts =
    nginx:
    let
      # The defaults of all sites.
      byDefault =
        ssl: port:
        if nginx.defaultListen == [ ] then
          [ port ]
        else
          map (line: if line.port == null then port else line.port) (
            lib.filter (line: (line.ssl == null || line.ssl == ssl) && !isUnixSocket line) nginx.defaultListen
          );
      http = byDefault false nginx.defaultHTTPListenPort;
      sites = lib.attrValues nginx.virtualHosts;
    in
    # A server without sites is probably about to get one.
    lib.optionals (sites == [ ]) http
    ++ lib.optional (nginx.statusPage or false) nginx.defaultHTTPListenPort
    ++ lib.concatMap (portsOfSite {
      inherit http;
      https = byDefault true nginx.defaultSSLListenPort;
    }) sites;

  # A site's address is a host name, with a scheme or a port if it is not served on both ports. A Caddy without sites is probably
  # about to get one.
  caddyPorts =
    caddy:
    let
      ofAddress =
        address:
        let
          port = portOfAddress address;
        in
        if port != [ ] then
          port
        else if lib.hasPrefix "http://" address then
          lib.take 1 fronts.caddy.ports
        else
          fronts.caddy.ports;
      addresses = lib.concatMap ({ hostName, serverAliases, ... }: [ hostName ] ++ serverAliases) (
        lib.attrValues caddy.virtualHosts
      );
    in
    if addresses == [ ] then fronts.caddy.ports else lib.unique (lib.concatMap ofAddress addresses);

  h2oPorts =
    h2o:
    let
      portsOfHost =
        host:
        [ (lib.attrByPath [ "http" "port" ] h2o.defaultHTTPListenPort host) ]
        ++ lib.optional (host.tls != null) (lib.attrByPath [ "tls" "port" ] h2o.defaultTLSListenPort host);
      hosts = lib.attrValues h2o.hosts;
    in
    if hosts == [ ] then [ h2o.defaultHTTPListenPort ] else lib.concatMap portsOfHost hosts;

  onePort = name: {
    ports = server: [ server.port ];
    options = "services.${name}.port";
  };

  servers = {
    caddy = {
      ports = caddyPorts;
      options = "services.caddy.httpPort and services.caddy.httpsPort";
    };
    nginx = {
      ports = nginxPorts;
      options = "services.nginx.defaultHTTPListenPort and services.nginx.defaultSSLListenPort, or listen of each site";
    };
    httpd = {
      ports =
        httpd:
        lib.concatMap (portsOfSite {
          http = [ 80 ];
          https = [ 443 ];
        }) (lib.attrValues httpd.virtualHosts);
      options = "listen of each of services.httpd.virtualHosts";
    };
    h2o = {
      ports = h2oPorts;
      options = "services.h2o.defaultHTTPListenPort and services.h2o.defaultTLSListenPort";
    };
    traefik = {
      ports =
        traefik:
        let
          # It had another name before 26.05.
          file = traefik.static.file or traefik.staticConfigFile;
          settings = traefik.static.settings or traefik.staticConfigOptions;
        in
        lib.optionals (file == null) (
          lib.concatMap (entry: portOfAddress (entry.address or "")) (
            lib.attrValues (settings.entryPoints or { })
          )
        );
      options = "services.traefik.static.settings.entryPoints";
    };
    hitch = {
      ports = { frontend, ... }: lib.concatMap portOfAddress (lib.toList frontend);
      options = "services.hitch.frontend";
    };
    lighttpd = onePort "lighttpd";
    darkhttpd = onePort "darkhttpd";
    sslh = onePort "sslh";
  };

  refusal =
    name:
    { ports, options }:
    let
      # This nixpkgs may not have the server.
      server = config.services.${name} or { };
      shared = lib.intersectLists front.ports (ports server);
      asFront = lib.optionalString (
        fronts ? ${name}
      ) "set services.lectern.front = \"${name}\", and the stages are among its sites; or ";
    in
    lib.optional ((server.enable or false) && shared != [ ]) {
      assertion = false;
      message =
        "services.${name}.enable starts another web server on port ${
          lib.concatMapStringsSep " and " toString shared
        }, which ${cfg.webServer.name} takes for the stages: ${asFront}leave it out, and write its sites to ${front.sites}; "
        + "or give it other ports (${options}), such as 8081, and let ${cfg.webServer.name} forward requests for its sites: "
        + front.forwards;
    };
in
{
  config.assertions = lib.mkIf (cfg.enable && cfg.stages != { } || cfg.edge.enable) (
    lib.concatLists (lib.mapAttrsToList refusal (lib.removeAttrs servers [ cfg.front ]))
  );
}
