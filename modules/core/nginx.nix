# The sites that viewers open, if the host's nginx serves them. It does not wait for any stage. Everything here is either of the
# stages' own servers or a default that the host may replace: its other sites stay as they are.
{ config, lib, ... }:
let
  inherit (import ./lib/stage-option.nix { inherit lib; }) onStages;
  inherit (import ./lib/networks.nix { inherit lib; }) nginxText;
  cfg = config.services.lectern;
  inherit (config.services) nginx;

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

  # What a site needs in `http { }`: one for the domain, and one for the admin page's tunnel, which no password closes.
  ofHttp =
    name: stage:
    let
      textOf =
        file: site: networks:
        filled file (
          stage.nginxValues
          // {
            site = "${site}_${variableOf name}";
            keeper = "unix:${stage.names.keeperSocket}";
            adminNetworks = nginxText networks;
          }
        );
    in
    textOf (
      if stage.isPrivate then ../../generated/site/private.nginx else ../../generated/site/public.nginx
    ) "site" stage.admin.allow
    + lib.optionalString (stage.ports.admin != null) (
      textOf ../../generated/site/public.nginx "tunnel" [ "127.0.0.0/8" ]
    );

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
  siteOf =
    name: stage:
    {
      site,
      names,
      log,
      hsts ? "",
    }:
    onlyFor names
    + withoutOtherCompression
    + filled ../../generated/site/stage.nginx (
      stage.nginxValues
      // {
        site = "${site}_${variableOf name}";
        upstream = "127.0.0.1:${toString stage.ports.web}";
        segmentsDir = stage.names.cacheDir;
        accessLog = logOf log;
        inherit hsts;
      }
    );

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

  # `~` comes after all letters: nginx gives unknown names to the first site, so that stays the one that it is without Lectern.
  sitesOf =
    name: stage:
    {
      "~lectern.${name}" = certificateOf stage.tls // {
        serverName = stage.domain;
        extraConfig = siteOf name stage {
          site = "site";
          names = [ stage.domain ];
          log = name;
          hsts = hstsOf stage;
        };
      };
    }
    # For `ssh -L`: the same site with the same rules, and the admin page open to this machine.
    // lib.optionalAttrs (stage.ports.admin != null) {
      "~lectern.${name}.admin" = {
        serverName = "localhost";
        serverAliases = [ "127.0.0.1" ];
        listen = [
          {
            addr = "127.0.0.1";
            port = stage.ports.admin;
          }
        ];
        extraConfig = siteOf name stage {
          site = "tunnel";
          names = [
            "localhost"
            "127.0.0.1"
          ];
          log = "${name}-admin";
        };
      };
    }
    # Not by nixpkgs' forceSSL: that would log whole addresses and queries.
    // {
      "~lectern.${name}.plain" = {
        serverName = stage.domain;
        serverAliases = stage.aliases;
        # Challenges come over plain http.
        useACMEHost =
          let
            site = nginx.virtualHosts."~lectern.${name}";
          in
          lib.mkIf (stage.tls == "acme") (if site.enableACME then stage.domain else site.useACMEHost);
        extraConfig =
          onlyFor ([ stage.domain ] ++ stage.aliases)
          + filled ../../generated/site/plain.nginx { accessLog = logOf name; };
      };
    }
    // lib.optionalAttrs (stage.aliases != [ ]) {
      "~lectern.${name}.aliases" = certificateOf stage.tls // {
        serverName = lib.head stage.aliases;
        serverAliases = lib.tail stage.aliases;
        extraConfig = filled ../../generated/site/alias.nginx {
          inherit (stage) domain;
          accessLog = logOf "${name}-aliases";
          hsts = hstsOf stage;
        };
      };
    };

  longestName = lib.foldl' (longest: name: lib.max longest (lib.stringLength name)) 0 (
    lib.concatMap ({ domain, aliases, ... }: [ domain ] ++ aliases) (lib.attrValues cfg.stages)
  );

  stage.options.nginxValues = lib.mkOption {
    type = lib.types.attrsOf lib.types.str;
    default = { };
    internal = true;
    description = "Values for placeholders of nginx's templates, by other files.";
  };
in
{
  options.services.lectern.stages = onStages stage;

  config = lib.mkIf (cfg.enable && cfg.stages != { } && cfg.front == "nginx") {
    services.nginx = {
      enable = true;
      # A restart would end all connections at once.
      enableReload = lib.mkDefault true;
      virtualHosts = lib.concatMapAttrs sitesOf cfg.stages;
      commonHttpConfig =
        lib.readFile ../../generated/site/host.nginx
        + lib.concatStrings (lib.mapAttrsToList ofHttp cfg.stages);
      # nginx refuses a name that is longer than its table's default allows.
      serverNamesHashBucketSize = lib.mkIf (longestName > 32) (lib.mkDefault 512);
      # nixpkgs' default is one worker with 512 connections. Each viewer takes one, and another one while the server asks the keeper
      # or Owncast for it. After a reload, the old workers end, although players and chats stay connected.
      eventsConfig = lib.mkDefault ''
        worker_connections 8192;
      '';
      appendConfig = lib.mkDefault ''
        worker_processes auto;
        worker_shutdown_timeout 10s;
      '';
    };

    # nixpkgs' unit is hardened. What it lacks changes nothing for the host's other sites.
    systemd.services.nginx.serviceConfig = lib.mapAttrs (_: lib.mkDefault) {
      # Twice the connections of a worker, and files.
      LimitNOFILE = 65536;
      # As for Caddy: only a leak reaches it. Socket buffers count too, and all viewers of all stages depend on nginx.
      MemoryMax = "75%";
      TasksMax = 4096;
      KeyringMode = "private";
      SystemCallErrorNumber = "EPERM";
    };
  };
}
