# Parts of the sites that Lectern adds to the host's nginx: those of stages, and those of an edge.
{ config, lib }:
let
  inherit (config.services) nginx;
in
rec {
  # A template of generated/site/ with the values of its placeholders.
  filled =
    file: values:
    lib.replaceStrings (map (name: "@${name}@") (lib.attrNames values)) (lib.attrValues values) (
      lib.readFile file
    );

  # nginx's variables of a site have its name in theirs, and take no dash.
  variableOf = lib.replaceStrings [ "-" ] [ "_" ];
  logOf = file: "/var/log/nginx/lectern-${file}.log";
  hstsOf =
    { hstsSeconds, ... }:
    lib.optionalString (hstsSeconds != null) "max-age=${toString hstsSeconds}";

  # nginx gives a request for an unknown name to an address's first server, which may be a stage's.
  onlyFor =
    names:
    let
      pattern = lib.concatMapStringsSep "|" lib.escapeRegex names;
    in
    ''
      if ($host !~ "^(${pattern})$") {
        return 421;
      }
    '';
  # These modules have directives only if the host adds them, and compress what is already compressed here, or not worth it.
  withoutOtherCompression =
    lib.optionalString nginx.recommendedBrotliSettings ''
      brotli off;
      brotli_static off;
    ''
    # Older versions of nixpkgs have it by another name.
    + lib.optionalString (nginx.experimentalZstdSettings or nginx.recommendedZstdSettings or false) ''
      zstd off;
      zstd_static off;
    '';
  certificateOf =
    tls:
    if tls == "acme" then
      {
        # The host may name another certificate: it then sets this to false, and useACMEHost.
        enableACME = lib.mkDefault true;
        onlySSL = true;
      }
    else
      # nginx has no authority of its own, so "internal" is refused.
      lib.optionalAttrs (tls != "internal") {
        onlySSL = true;
        sslCertificate = tls.certificate;
        sslCertificateKey = tls.key;
      };

  # The names of a site without TLS, which lead there. Not by nixpkgs' forceSSL: that would log whole addresses and queries.
  plainSite =
    site:
    {
      tls,
      domain,
      aliases ? [ ],
      log,
    }:
    {
      "${site}.plain" = {
        serverName = domain;
        serverAliases = aliases;
        # Challenges come over plain http.
        useACMEHost =
          let
            secure = nginx.virtualHosts.${site};
          in
          lib.mkIf (tls == "acme") (if secure.enableACME then domain else secure.useACMEHost);
        extraConfig =
          onlyFor ([ domain ] ++ aliases)
          + filled ../../../generated/site/plain.nginx { accessLog = logOf log; };
      };
    };
}
