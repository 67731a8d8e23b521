# The sites that viewers open, if the host's nginx serves them. It does not wait for any stage. Everything here is either of the
# stages' own servers or a default that the host may replace: its other sites stay as they are.
{ config, lib, ... }:
let
  inherit (import ./lib/stage-option.nix { inherit lib; }) onStages;
  inherit (import ./lib/networks.nix { inherit lib; }) nginxText;
  cfg = config.services.lectern;
  inherit (import ./lib/nginx-site.nix { inherit config lib; })
    certificateOf
    filled
    hstsOf
    logOf
    onlyFor
    plainSite
    variableOf
    withoutOtherCompression
    ;

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

  # Files of captions, the place where human captioners send text, and published transcripts.
  captionsOf =
    { settings, names, ... }:
    values:
    let
      tracks = lib.optionals (settings.captions.tracks != null) settings.captions.tracks;
    in
    lib.optionalString (tracks != [ ]) (
      filled ../../generated/site/captions.nginx (values // { segmentsDir = names.cacheDir; })
    )
    + lib.optionalString (lib.any ({ source, ... }: source == "push") tracks) (
      filled ../../generated/site/captions-push.nginx (values // { captions = names.captionsPushSocket; })
    )
    + lib.optionalString (settings.captions.transcript == "published") (
      filled ../../generated/site/transcripts.nginx (values // { inherit (names) transcriptsDir; })
    );

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
    # Where players ask which edge to use.
    + lib.optionalString (stage.edges != { }) (
      filled ../../generated/site/steering.nginx {
        site = "${site}_${variableOf name}";
        steering = stage.names.steerSocket;
        inherit hsts;
      }
    )
    + captionsOf stage {
      inherit hsts;
      site = "${site}_${variableOf name}";
    }
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
    // plainSite "~lectern.${name}" {
      inherit (stage) tls domain aliases;
      log = name;
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
    services.lectern.nginxNames = lib.mapAttrs' (
      name:
      { domain, aliases, ... }:
      lib.nameValuePair "services.lectern.stages.${name}" ([ domain ] ++ aliases)
    ) cfg.stages;
    services.nginx = {
      virtualHosts = lib.concatMapAttrs sitesOf cfg.stages;
      commonHttpConfig = lib.concatStrings (lib.mapAttrsToList ofHttp cfg.stages);
    };
  };
}
