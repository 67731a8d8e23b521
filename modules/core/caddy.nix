# The sites that viewers open, if Caddy serves them. Caddy does not wait for any stage: its own page is better than no response.
{ config, lib, ... }:
let
  inherit (import ./lib/stage-option.nix { inherit lib; }) onStages;
  cfg = config.services.lectern;
  # If edges have a secret, Caddy believes an edge that shows it which viewer asks.
  hasSecret = cfg.edgeSecret.file != null;
  template = lib.readFile (
    if hasSecret then
      ../../generated/site/stage-with-edges.caddyfile
    else
      ../../generated/site/stage.caddyfile
  );
  steeringTemplate = lib.readFile (
    if hasSecret then
      ../../generated/site/steering-with-edges.caddyfile
    else
      ../../generated/site/steering.caddyfile
  );

  inherit (import ./lib/networks.nix { inherit lib; }) caddyText;
  siteOf =
    { ports, names, ... }:
    adminNetworks:
    lib.replaceStrings
      [
        "@upstream@"
        "@keeper@"
        "@segmentsDir@"
        "@adminNetworks@"
        "@edgeDoor@"
      ]
      [
        "127.0.0.1:${toString ports.web}"
        "unix/${names.keeperSocket}"
        names.cacheDir
        (caddyText adminNetworks)
        cfg.edgeSecret.folder
      ]
      template;

  # Where players ask which edge to use.
  steeringOf =
    { edges, names, ... }:
    lib.optionalString (edges != { }) (
      lib.replaceStrings [ "@steering@" ] [ "unix/${names.steerSocket}" ] steeringTemplate
    );

  # Files of captions, the place where human captioners send text, and published transcripts.
  captionsOf =
    {
      settings,
      names,
      ...
    }:
    let
      tracks = lib.optionals (settings.captions.tracks != null) settings.captions.tracks;
      part =
        file: from: to:
        lib.replaceStrings [ from ] [ to ] (lib.readFile file);
    in
    lib.optionalString (tracks != [ ]) (
      part ../../generated/site/captions.caddyfile "@segmentsDir@" names.cacheDir
    )
    + lib.optionalString (lib.any ({ source, ... }: source == "push") tracks) (
      part (
        if hasSecret then
          ../../generated/site/captions-push-with-edges.caddyfile
        else
          ../../generated/site/captions-push.caddyfile
      ) "@captions@" "unix/${names.captionsPushSocket}"
    )
    + lib.optionalString (settings.captions.transcript == "published") (
      part ../../generated/site/transcripts.caddyfile "@transcriptsDir@" names.transcriptsDir
    );

  certificateOf =
    tls:
    if tls == "acme" then
      ""
    else if tls == "internal" then
      "\ttls internal\n"
    else
      "\ttls ${tls.certificate} ${tls.key}\n";

  # Without subdomains: Lectern can promise nothing for them.
  hstsOf =
    { hstsSeconds, ... }:
    lib.optionalString (
      hstsSeconds != null
    ) "\theader Strict-Transport-Security max-age=${toString hstsSeconds}\n";

  logOf = file: ''
    output file ${config.services.caddy.logDir}/access-${file}.log
    ${lib.readFile ../../generated/site/access-log.caddyfile}'';

  sitesOf =
    name: stage:
    {
      ${stage.domain} = {
        logFormat = logOf name;
        extraConfig =
          certificateOf stage.tls
          + hstsOf stage
          + stage.rehearsalRule
          + stage.door
          + steeringOf stage
          + captionsOf stage
          + siteOf stage stage.admin.allow;
      };
    }
    # For `ssh -L`: the same site with the same rules, and the admin page open to this machine.
    // lib.optionalAttrs (stage.ports.admin != null) {
      "http://localhost:${toString stage.ports.admin}" = {
        serverAliases = [ "http://127.0.0.1:${toString stage.ports.admin}" ];
        listenAddresses = [ "127.0.0.1" ];
        logFormat = logOf "${name}-admin";
        extraConfig =
          stage.rehearsalRule + steeringOf stage + captionsOf stage + siteOf stage [ "127.0.0.0/8" ];
      };
    }
    // lib.optionalAttrs (stage.aliases != [ ]) {
      ${lib.head stage.aliases} = {
        serverAliases = lib.tail stage.aliases;
        logFormat = logOf "${name}-aliases";
        # A request's target may be no path. Put behind the domain, it would change the host name.
        extraConfig =
          certificateOf stage.tls
          + hstsOf stage
          + ''
            	@path expression `{uri}.startsWith("/")`
            	redir @path https://${stage.domain}{uri} permanent
            	respond 400
          '';
      };
    };
  ofCaddyfile =
    description:
    lib.mkOption {
      type = lib.types.lines;
      default = "";
      internal = true;
      inherit description;
    };
  stage.options = {
    rehearsalRule = ofCaddyfile "Who may rehearse, for the Caddyfile, before all else.";
    door = ofCaddyfile "What keeps strangers out, for the Caddyfile, before the site itself.";
  };
in
{
  options.services.lectern.stages = onStages stage;

  config = lib.mkIf (cfg.enable && cfg.stages != { } && cfg.front == "caddy") {
    services.caddy = {
      enable = true;
      virtualHosts = lib.concatMapAttrs sitesOf cfg.stages;
      # Ends reloads: without it, players and chats would keep the old configuration for as long as they are connected.
      globalConfig = ''
        grace_period 10s
      ''
      # Caddy would ask for root's powers to make this machine trust Caddy's authority.
      + lib.optionalString (lib.any ({ tls, ... }: tls == "internal") (lib.attrValues cfg.stages)) ''
        skip_install_trust
      '';
    };

    # By default Go collects garbage each time the heap has doubled: many times a second, because Caddy's heap is small. A larger
    # heap makes a response a seventh cheaper and takes some 200 kB a viewer. Above 1 GiB, Go collects more often again.
    systemd.services.caddy.environment = lib.mapAttrs (_: lib.mkDefault) {
      GOGC = "400";
      GOMEMLIMIT = "1GiB";
    };

    # By default a switch stops a changed Caddy first and starts it last. This restarts it at once.
    systemd.services.caddy.stopIfChanged = lib.mkDefault false;

    # nixpkgs' unit has little hardening. The host's other sites keep what they need: Caddy may still connect to other machines, run
    # programs as its user, and write where nixpkgs lets it.
    systemd.services.caddy.serviceConfig = lib.mapAttrs (_: lib.mkDefault) (
      lib.removeAttrs (import ./lib/hardening.nix) [
        # nixpkgs sets these.
        "NoNewPrivileges"
        "PrivateDevices"
        "ProtectHome"
        # Certificate authorities and viewers are on other machines.
        "IPAddressDeny"
        "IPAddressAllow"
        # Other sites' sockets and files may need Caddy's group.
        "UMask"
        # Go reads the length of the accept queue from /proc/sys. Without it, only 128 connections could wait.
        "ProcSubset"
      ]
      // {
        # Caddy needs ports 80 and 443. The empty word removes nixpkgs' right to tune the network.
        AmbientCapabilities = [
          ""
          "CAP_NET_BIND_SERVICE"
        ];
        CapabilityBoundingSet = [
          ""
          "CAP_NET_BIND_SERVICE"
        ];
        # HTTP/3 reads the network interfaces.
        RestrictAddressFamilies = [
          "AF_UNIX"
          "AF_INET"
          "AF_INET6"
          "AF_NETLINK"
        ];
        # With the usual signal, Caddy would finish downloads first and accept nobody meanwhile. This one ends it at once.
        RestartKillSignal = "SIGQUIT";
        # Caddy exits with 2 then. A crash of Go exits with 2 as well, and needs a restart.
        SuccessExitStatus = 2;
        RestartForceExitStatus = 2;
        # A stop takes up to `grace_period`. After upstream's 5 s, systemd would kill Caddy and count a failure.
        TimeoutStopSec = 15;
        # As for Owncast: only a leak reaches it. Socket buffers count too, and all viewers of all stages depend on Caddy.
        MemoryMax = "75%";
        # Go starts a thread for each slow read of a file.
        TasksMax = 4096;
      }
    );
  };
}
