# Edges that viewers could not use, or must not.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (import ../../core/lib/networks.nix { inherit lib; }) faultOf;
  inherit (import ../../core/lib/unit-words.nix { inherit lib; }) isPlainPath;
  inherit (import ../../core/lib/host-names.nix { inherit lib; }) secureSite;
  stageNames = lib.attrNames cfg.stages;
  # The bounds of src/lib/edges-file.ts. The keeper does not start with a file beyond them, and then the stage has no edge at all.
  most = 32;
  mostNetworks = 1000;
  longestUrl = 300;
  longestPath = 200;

  # With a slash at its end it would be no prefix of a path.
  hostOf =
    url:
    let
      site = secureSite url;
    in
    if site == null || lib.hasSuffix "/" url || lib.stringLength url > longestUrl then
      null
    else
      site.name;

  refuse = isWrong: message: {
    assertion = !isWrong;
    inherit message;
  };

  # The options of stages by the host names that they use.
  stageHosts = lib.concatLists (
    lib.mapAttrsToList (_: { domain, aliases, ... }: [ domain ] ++ aliases) cfg.stages
  );

  ofEdge =
    name:
    {
      url,
      stage,
      networks,
      healthPath,
      ...
    }:
    let
      option = "services.lectern.edges.${name}";
    in
    [
      (refuse (
        builtins.match "[a-z][a-z0-9-]{0,19}" name == null
      ) "${option}: an edge's name is a lower-case letter and up to 19 more letters, digits and dashes.")
      (refuse (
        name == "origin"
      ) "${option}: \"origin\" is the stage's own server among the edges: give this edge another name.")
      (refuse (hostOf url == null)
        "${option}.url is ${builtins.toJSON url}: give https:// and a host name in lower case, without a path, such as https://tokyo.nixos.org; a port from 1 to 65535 may follow, but not 443, which https:// has by itself."
      )
      (refuse (lib.elem (hostOf url) stageHosts) "${option}.url is \"${url}\", which is this host's own stage: give the address of another machine, or leave this edge out.")
      (refuse (stage != null && !lib.elem stage stageNames)
        "${option}.stage is \"${toString stage}\", and this host has no such stage: its stages are ${lib.concatStringsSep ", " stageNames}."
      )
      (refuse (stage == null && lib.length stageNames != 1)
        "${option}.stage is not set, and this host has ${toString (lib.length stageNames)} stages: name the stage that the edge serves."
      )
      (refuse (!isPlainPath healthPath || lib.stringLength healthPath > longestPath)
        "${option}.healthPath is ${builtins.toJSON healthPath}: give an absolute path of letters, digits and . _ + @ = , : ~ -, at most ${toString longestPath} long, such as /health."
      )
      (refuse (lib.length networks > mostNetworks)
        "${option}.networks has ${toString (lib.length networks)} networks: give at most ${toString mostNetworks}, such as larger ones that hold several."
      )
    ]
    ++ map (
      network: refuse true "${option}.networks has ${builtins.toJSON network}: ${faultOf network}."
    ) (lib.filter (network: faultOf network != null) networks);

  sameUrl = lib.filterAttrs (_: names: lib.length names > 1) (
    lib.groupBy (name: cfg.edges.${name}.url) (lib.attrNames cfg.edges)
  );

  ofStage =
    name:
    {
      edges,
      isPrivate,
      settings,
      ...
    }:
    let
      option = "services.lectern.stages.${name}";
      names = lib.concatStringsSep ", " (lib.attrNames edges);
      has = "and services.lectern.edges has ${names} for it";
      elsewhere = "so the edges would get no viewers: leave them out, or leave the setting out.";
    in
    [
      (refuse isPrivate "${option}.viewers closes the stage, ${has}: edges know neither its networks nor its password, and would show it to everybody. Leave them out, or open the stage.")
      (refuse (settings.storage.objectStorage.enabled or false)
        "${option}.settings.storage.objectStorage.enabled is true, ${has}: players load the video from the storage, ${elsewhere}"
      )
      (refuse (
        !lib.elem settings.storage.servingEndpoint [
          null
          ""
        ]
      ) "${option}.settings.storage.servingEndpoint sends players elsewhere, ${has}, ${elsewhere}")
      (refuse (lib.length (lib.attrNames edges) > most)
        "${option} has ${toString (lib.length (lib.attrNames edges))} edges: at most ${toString most}, because the list of renditions names each."
      )
    ];
in
{
  config.assertions = lib.mkIf cfg.enable (
    lib.concatLists (lib.mapAttrsToList ofEdge cfg.edges)
    ++ lib.mapAttrsToList (
      url: names:
      refuse true "${
        lib.concatMapStringsSep " and " (name: "services.lectern.edges.${name}.url") names
      } share \"${url}\": give each edge an address of its own."
    ) sameUrl
    ++ lib.concatLists (
      lib.mapAttrsToList ofStage (lib.filterAttrs (_: { edges, ... }: edges != { }) cfg.stages)
    )
  );
}
