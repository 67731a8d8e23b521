# Refuses what would break a stage's rules in the host's nginx, or would keep that nginx from starting. Its other sites may have all
# of it.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (config.services) nginx;
  optionOf = name: "services.lectern.stages.${name}";

  refuse = isWrong: message: {
    assertion = !isWrong;
    inherit message;
  };

  internalAuthority =
    name:
    { tls, ... }:
    refuse (tls == "internal")
      "${optionOf name}.tls is \"internal\", and nginx has no authority of its own: set it to \"acme\" or to certificate files, or set services.lectern.front = \"caddy\".";

  # nginx would use one of two sites with the same name, and only warn about the other one.
  isOurs = lib.hasPrefix "~lectern.";
  namesOf =
    site:
    { serverName, serverAliases, ... }:
    [ (if serverName == null then site else serverName) ] ++ serverAliases;
  others = lib.filterAttrs (site: _: !isOurs site) nginx.virtualHosts;
  secondSites =
    name:
    { domain, aliases, ... }:
    lib.concatLists (
      lib.mapAttrsToList (
        site: options:
        map (
          shared:
          refuse true "services.nginx.virtualHosts.\"${site}\" has the name ${shared}, which is one of ${optionOf name}: leave the site out, because Lectern writes the stage's, or give the stage another name."
        ) (lib.intersectLists (lib.unique (namesOf site options)) ([ domain ] ++ aliases))
      ) others
    );

  whole = lib.filter (option: nginx.${option} != "") [
    "config"
    "httpConfig"
  ];

  # The names of a text's directives outside of all blocks.
  directivesOf =
    text:
    let
      withoutComments = lib.concatMapStringsSep "\n" (line: lib.head (lib.splitString "#" line)) (
        lib.splitString "\n" text
      );
      withoutTexts = lib.concatStrings (
        lib.filter lib.isString (builtins.split "\"[^\"]*\"|'[^']*'" withoutComments)
      );
      read =
        { depth, names }:
        part:
        if lib.isList part then
          {
            depth =
              depth
              + {
                "{" = 1;
                "}" = -1;
                ";" = 0;
              }
              .${lib.head part};
            inherit names;
          }
        else
          {
            inherit depth;
            names = names ++ lib.optional (depth == 0) (lib.head (lib.splitString " " (lib.trim part)));
          };
    in
    (lib.foldl' read {
      depth = 0;
      names = [ ];
    } (builtins.split "([{};])" (lib.replaceStrings [ "\t" "\n" ] [ " " " " ] withoutTexts))).names;

  # A site takes over these two, and cannot turn them off. All others, a stage's site sets for itself.
  limits =
    lib.concatMap
      (
        option:
        map (directive: { inherit option directive; }) (
          lib.intersectLists [ "limit_req" "limit_conn" ] (lib.unique (directivesOf nginx.${option}))
        )
      )
      [
        "commonHttpConfig"
        "appendHttpConfig"
      ];

  # nginx takes it once, and generated/site/host.nginx has it.
  roomTwice =
    lib.count (directive: directive == "variables_hash_max_size") (
      directivesOf "${nginx.commonHttpConfig}\n${nginx.appendHttpConfig}"
    ) > 1;

  # The host's own text replaces Lectern's default.
  # Older versions of nixpkgs do not have the first option.
  main = nginx.prependConfig or "" + nginx.appendConfig;
  lacks = directive: !lib.hasInfix directive main;
  connections = builtins.match ".*worker_connections[[:space:]]+([0-9]+).*" (
    lib.replaceStrings [ "\n" ] [ " " ] nginx.eventsConfig
  );
  tooFew =
    lib.optional (connections == null || lib.toInt (lib.head connections) < 8192)
      "services.nginx.eventsConfig has text of its own, and no worker_connections of 8192 or more: nginx would serve only ${
        if connections == null then "512" else lib.head connections
      } connections at a time, and each viewer takes two. Add: worker_connections 8192;"
    ++ lib.optional (lacks "worker_processes") "services.nginx.appendConfig has text of its own, and no worker_processes: nginx would use one processor only. Add: worker_processes auto;"
    ++ lib.optional (lacks "worker_shutdown_timeout") "services.nginx.appendConfig has text of its own, and no worker_shutdown_timeout: after each reload, old workers would stay for as long as chats are connected to them. Add: worker_shutdown_timeout 10s;";
in
{
  config = lib.mkIf (cfg.enable && cfg.stages != { } && cfg.front == "nginx") {
    assertions =
      lib.mapAttrsToList internalAuthority cfg.stages
      ++ lib.concatLists (lib.mapAttrsToList secondSites cfg.stages)
      ++ map (
        option:
        refuse true "services.nginx.${option} replaces all sites of services.nginx, the stages' too: leave it out, and write its text to services.nginx.appendHttpConfig."
      ) whole
      ++ map (
        { option, directive }:
        refuse true "services.nginx.${option} has ${directive} for all sites, and a stage cannot turn it off: viewers behind one address would get errors instead of video. Write it into the sites that need it."
      ) limits
      ++ [
        (refuse roomTwice "services.nginx.commonHttpConfig or services.nginx.appendHttpConfig has variables_hash_max_size, which nginx takes only once: leave it out, because Lectern sets it to 4096.")
      ];
    warnings = tooFew;
  };
}
