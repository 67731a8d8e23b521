# nginx and its certificates, as far as Lectern, its hosts and its checks use them.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  declare = type: default: mkOption { inherit type default; };
  off = declare types.bool false;
  on = declare types.bool true;
  lines = declare types.lines "";
  optionalText = declare (types.nullOr types.str) null;
  strings = declare (types.listOf types.str);
  namesTo =
    options: default:
    mkOption {
      inherit default;
      type = types.attrsOf (types.submodule { inherit options; });
    };

  listen = {
    addr = declare types.str "";
    port = declare (types.nullOr types.port) null;
    ssl = off;
    proxyProtocol = off;
    extraParameters = strings [ ];
  };
  linesOf = options: declare (types.listOf (types.submodule { inherit options; })) [ ];

  locations = namesTo {
    proxyPass = optionalText;
    proxyWebsockets = off;
    recommendedProxySettings = declare types.bool config.services.nginx.recommendedProxySettings;
    index = optionalText;
    tryFiles = optionalText;
    root = declare (types.nullOr types.path) null;
    alias = declare (types.nullOr types.path) null;
    return = optionalText;
    extraConfig = lines;
    priority = declare types.int 1000;
  } { };

  site = {
    serverName = optionalText;
    serverAliases = strings [ ];
    listen = linesOf listen;
    listenAddresses = strings [ ];
    enableACME = off;
    useACMEHost = optionalText;
    acmeRoot = declare (types.nullOr types.str) "/var/lib/acme/acme-challenge";
    addSSL = off;
    onlySSL = off;
    forceSSL = off;
    rejectSSL = off;
    kTLS = off;
    # Without a default, like nixpkgs'.
    sslCertificate = declare (types.nullOr types.path) null;
    sslCertificateKey = declare (types.nullOr types.path) null;
    sslTrustedCertificate = declare (types.nullOr types.path) null;
    http2 = on;
    quic = off;
    reuseport = off;
    root = declare (types.nullOr types.path) null;
    default = off;
    extraConfig = lines;
    globalRedirect = optionalText;
    redirectCode = declare types.int 301;
    inherit locations;
  };
in
{
  options.services.nginx = {
    enable = off;
    enableReload = off;
    package = declare types.package pkgs.nginx;
    user = declare types.str "nginx";
    group = declare types.str "nginx";
    config = declare types.str "";
    httpConfig = lines;
    eventsConfig = lines;
    prependConfig = lines;
    appendConfig = lines;
    commonHttpConfig = lines;
    appendHttpConfig = lines;
    streamConfig = lines;
    logError = declare types.str "stderr";
    statusPage = off;
    recommendedBrotliSettings = off;
    recommendedGzipSettings = off;
    recommendedOptimisation = off;
    recommendedProxySettings = off;
    recommendedTlsSettings = off;
    experimentalZstdSettings = off;
    proxyTimeout = declare types.str "60s";
    clientMaxBodySize = declare types.str "10m";
    serverTokens = off;
    sslProtocols = declare types.str "TLSv1.2 TLSv1.3";
    serverNamesHashBucketSize = declare (types.nullOr types.ints.positive) null;
    defaultHTTPListenPort = declare types.port 80;
    defaultSSLListenPort = declare types.port 443;
    defaultListenAddresses = strings (
      [ "0.0.0.0" ] ++ lib.optional config.networking.enableIPv6 "[::0]"
    );
    defaultListen = linesOf (listen // { ssl = declare (types.nullOr types.bool) null; });
    virtualHosts = namesTo site { localhost = { }; };
  };

  options.security.acme = {
    acceptTerms = off;
    defaults.email = optionalText;
  };

  # As nixpkgs sets it, at normal priority: a module's mkDefault does not replace it.
  config.systemd.services = lib.mkIf config.services.nginx.enable {
    nginx.startLimitIntervalSec = 60;
  };
}
