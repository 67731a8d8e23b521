# Checks of an edge that types cannot make.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (cfg) edge;
  inherit (import ../../core/lib/host-names.nix { inherit lib; }) isHostName isPlaceholder secureSite;
  inherit (import ../../core/lib/unit-words.nix { inherit lib; }) isPlainPath;
  option = "services.lectern.edge";

  refuse = isWrong: message: {
    assertion = !isWrong;
    inherit message;
  };
  plainPath =
    name: path:
    refuse (!isPlainPath (toString path))
      "${name} is ${builtins.toJSON (toString path)}: give an absolute path of letters, digits and . _ + @ = , : ~ -, without blanks and without \"..\", such as /run/secrets/edge-secret.";

  ofSite =
    name: site:
    let
      origin = secureSite site.origin.url;
    in
    [
      (refuse (!isHostName site.domain)
        "${name}.domain is \"${site.domain}\": give a host name alone, in lower case, such as live-tokyo.nixos.org."
      )
      (refuse (isHostName site.domain && isPlaceholder site.domain)
        "${name}.domain is \"${site.domain}\", which is a placeholder: give the host name whose DNS record points to this machine."
      )
      (refuse (origin == null)
        "${name}.origin.url is \"${site.origin.url}\": give the stage's own address, https and a host name in lower case, such as https://live.nixos.org; a port from 1 to 65535 may follow, but not 443, which https:// has by itself."
      )
      # By another of its sites too: then requests would go round in a circle.
      (refuse (origin != null && lib.elem origin.name domains)
        "${name}.origin.url leads to ${origin.name}, which is this edge itself: give the stage's own address there, and the edge a name of its own in ${name}.domain."
      )
    ]
    ++ lib.optionals (lib.isAttrs site.tls) [
      (plainPath "${name}.tls.certificate" site.tls.certificate)
      (plainPath "${name}.tls.key" site.tls.key)
    ];

  domains = [ edge.domain ] ++ map (site: site.domain) (lib.attrValues edge.more);
  ofEdge =
    ofSite option edge
    ++ lib.concatLists (lib.mapAttrsToList (name: ofSite "${option}.more.${name}") edge.more)
    ++ map (
      name:
      refuse (builtins.match "[a-z][a-z0-9-]{0,19}" name == null || name == "inner" || name == "plain")
        "${option}.more.${name}: a name is a lower-case letter and up to 19 more letters, digits and dashes, and neither inner nor plain."
    ) (lib.attrNames edge.more)
    ++ [
      (refuse (lib.length (lib.unique domains) != lib.length domains)
        "${option}.domain and ${option}.more share a domain: give each stage a host name of its own on this edge."
      )
      (refuse (cfg.enable && cfg.stages != { })
        "${option}.enable is true on a host that has stages itself: an edge takes load off its origin only from another machine. Leave one of the two out."
      )
      (plainPath "${option}.cache.folder" edge.cache.folder)
      # It is given to nginx alone. A folder that others need too would be closed to them.
      (refuse
        (
          builtins.match "/[^/]*|/(boot|dev|etc|home|nix|proc|root|run|sys|usr|var)/[^/]*" (
            toString edge.cache.folder
          ) != null
        )
        "${option}.cache.folder is ${toString edge.cache.folder}, a folder that others use too, and nginx gets the cache's folder for itself: give one of its own, such as /var/cache/lectern-edge or /mnt/fast/lectern-edge."
      )
      (plainPath "${option}.origin.authorities" edge.origin.authorities)
    ]
    ++ lib.optional (edge.secret.file != null) (plainPath "${option}.secret.file" edge.secret.file);
in
{
  config = {
    assertions =
      lib.optional (cfg.edgeSecret.file != null) (
        plainPath "services.lectern.edgeSecret.file" cfg.edgeSecret.file
      )
      ++ lib.optionals edge.enable ofEdge;

    warnings =
      lib.optional
        (
          edge.enable
          && edge.secret.file == null
          && lib.any (site: site.mode == "full") ([ edge ] ++ lib.attrValues edge.more)
        )
        "${option}.secret.file is not set: Owncast counts all viewers of this edge as one, and banning one of them bans all. Give the edge and its origin the same secret.";
  };
}
