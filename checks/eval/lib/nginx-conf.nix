# The nginx.conf that nixpkgs' module writes from `services.nginx`: the same directives in the same order, indented and without empty
# lines by the same rules. It leaves out some comments, compression and TLS settings that only other sites have.
{ lib, pkgs }:
let
  inherit (lib) optionalString concatMapStringsSep;

  # Each line is indented by the number of open braces, as the program counts that nixpkgs uses: one a line at most.
  indented =
    text:
    let
      add =
        { depth, lines }:
        line:
        let
          opens = lib.hasInfix "{" line;
          closes = lib.hasInfix "}" line;
          after = depth + (if opens then 1 else 0) - (if closes then 1 else 0);
          shown = if opens then after - 1 else after;
        in
        {
          depth = after;
          lines = lines ++ [ "${lib.strings.replicate (lib.max shown 0) "\t"}${line}\n" ];
        };
      withoutIndent = line: lib.head (builtins.match "[ \t]*(.*)" line);
      present = lib.filter (line: builtins.match "[[:space:]]*" line == null) (lib.splitString "\n" text);
    in
    lib.concatStrings
      (lib.foldl' add {
        depth = 0;
        lines = [ ];
      } (map withoutIndent present)).lines;

  recommendedProxyHeaders = pkgs.writeText "nginx-recommended-proxy_set_header-headers.conf" "";
in
nginx:
let

  certificateOf =
    name: site:
    let
      folder = "/var/lib/acme/${if site.useACMEHost != null then site.useACMEHost else nameOf name site}";
    in
    if site.enableACME || site.useACMEHost != null then
      {
        sslCertificate = "${folder}/fullchain.pem";
        sslCertificateKey = "${folder}/key.pem";
        sslTrustedCertificate = "${folder}/chain.pem";
      }
    else
      { inherit (site) sslCertificate sslCertificateKey sslTrustedCertificate; };
  nameOf = name: site: if site.serverName != null then site.serverName else name;

  location =
    name: options:
    let
      line = directive: value: optionalString (value != null) "${directive} ${toString value};\n";
    in
    "location ${name} {\n"
    + line "proxy_pass" options.proxyPass
    + optionalString options.proxyWebsockets ''
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    ''
    + line "index" options.index
    + line "try_files" options.tryFiles
    + line "root" options.root
    + line "alias" options.alias
    + line "return" options.return
    + "${options.extraConfig}\n"
    + optionalString (
      options.proxyPass != null && options.recommendedProxySettings
    ) "include ${recommendedProxyHeaders};\n"
    + "}\n";

  site =
    name: options:
    let
      hasSSL = options.onlySSL || options.addSSL || options.forceSSL;
      default =
        ssl: addr:
        if lib.hasPrefix "unix:" addr then
          null
        else if ssl then
          nginx.defaultSSLListenPort
        else
          nginx.defaultHTTPListenPort;
      expand =
        lines:
        let
          of =
            ssl:
            map (
              line:
              line
              // {
                inherit ssl;
                port = if line.port != null then line.port else default ssl line.addr;
              }
            ) (lib.filter (line: line.ssl == null || line.ssl == ssl) lines);
        in
        lib.optionals (hasSSL || options.rejectSSL) (of true)
        ++ lib.optionals (!options.onlySSL) (of false);
      addresses =
        if options.listenAddresses != [ ] then options.listenAddresses else nginx.defaultListenAddresses;
      lines =
        if options.listen != [ ] then
          options.listen
        else if nginx.defaultListen != [ ] then
          expand nginx.defaultListen
        else
          expand (
            map (addr: {
              inherit addr;
              port = null;
              ssl = null;
            }) addresses
          );
      # The word `default_server` and the like end in a blank.
      listen =
        line:
        "listen ${line.addr}${optionalString (line.port != null) ":${toString line.port}"} "
        + optionalString line.ssl "ssl "
        + optionalString options.default "default_server "
        + optionalString (options.reuseport && !lib.hasPrefix "unix:" line.addr) "reuseport "
        + optionalString (line.proxyProtocol or false) "proxy_protocol "
        + toString (line.extraParameters or [ ])
        + ";";
      listenLines = isIt: concatMapStringsSep "\n" listen (lib.filter isIt lines) + "\n";
      names = "server_name ${nameOf name options} ${toString options.serverAliases};\n";
      certificate = certificateOf name options;
      challenge = optionalString (options.enableACME || options.useACMEHost != null) ''
        location ^~ /.well-known/acme-challenge/ {
          ${optionalString (options.acmeRoot != null) "root ${options.acmeRoot};"}
          auth_basic off;
          auth_request off;
        }
      '';
    in
    optionalString options.forceSSL (
      "server {\n"
      + listenLines (line: !line.ssl)
      + names
      + ''
        location / {
          return ${toString options.redirectCode} https://$host$request_uri;
        }
      ''
      + challenge
      + "}\n"
    )
    + "server {\n"
    + listenLines (line: !options.forceSSL || line.ssl)
    + names
    + optionalString (hasSSL && options.http2) "http2 on;\n"
    + optionalString hasSSL ''
      ssl_certificate ${certificate.sslCertificate};
      ssl_certificate_key ${certificate.sslCertificateKey};
    ''
    + optionalString (
      hasSSL && certificate.sslTrustedCertificate != null
    ) "ssl_trusted_certificate ${certificate.sslTrustedCertificate};\n"
    + optionalString options.rejectSSL "ssl_reject_handshake on;\n"
    + optionalString (hasSSL && options.kTLS) "ssl_conf_command Options KTLS;\n"
    + optionalString (options.root != null) "root ${options.root};\n"
    + optionalString (options.globalRedirect != null) ''
      location / {
        return ${toString options.redirectCode} http${optionalString hasSSL "s"}://${options.globalRedirect}$request_uri;
      }
    ''
    + challenge
    + lib.concatStrings (
      map ({ name, value }: location name value) (
        lib.sort (a: b: a.value.priority < b.value.priority) (lib.attrsToList options.locations)
      )
    )
    + "${options.extraConfig}\n}\n";
in
{
  # The servers of one site, to compare them.
  servers = name: indented (site name nginx.virtualHosts.${name});

  conf = indented ''
    ${nginx.prependConfig}
    pid /run/nginx/nginx.pid;
    error_log ${nginx.logError};
    daemon off;
    events {
      ${nginx.eventsConfig}
    }
    http {
      # Load mime types and configure maximum size of the types hash tables.
      include ${pkgs.mailcap}/etc/nginx/mime.types;
      types_hash_max_size 2688;
      include ${nginx.package}/conf/fastcgi.conf;
      include ${nginx.package}/conf/uwsgi_params;
      default_type application/octet-stream;
      ${optionalString nginx.recommendedOptimisation ''
        # optimisation
        sendfile on;
        tcp_nopush on;
        tcp_nodelay on;
        keepalive_timeout 65;
      ''}
      ssl_protocols ${nginx.sslProtocols};
      ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
      ${optionalString nginx.recommendedProxySettings ''
        proxy_redirect          off;
        proxy_connect_timeout   ${nginx.proxyTimeout};
        proxy_send_timeout      ${nginx.proxyTimeout};
        proxy_read_timeout      ${nginx.proxyTimeout};
        proxy_http_version      1.1;
        proxy_set_header        "Connection" "";
        include ${recommendedProxyHeaders};
      ''}
      ${optionalString (nginx.serverNamesHashBucketSize != null) ''
        server_names_hash_bucket_size ${toString nginx.serverNamesHashBucketSize};
      ''}
      # $connection_upgrade is used for websocket proxying
      map $http_upgrade $connection_upgrade {
        default upgrade;
        '''      close;
      }
      client_max_body_size ${nginx.clientMaxBodySize};
      server_tokens ${if nginx.serverTokens then "on" else "off"};
      ${nginx.commonHttpConfig}
      ${lib.concatStrings (lib.mapAttrsToList site nginx.virtualHosts)}
      ${nginx.appendHttpConfig}
    }
    ${nginx.appendConfig}
  '';
}
