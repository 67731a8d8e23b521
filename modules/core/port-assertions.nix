# Each port has one user. Lectern chooses no ports: they would move when stages are added. A collision's message names a free port.
{ config, lib, ... }:
let
  cfg = config.services.lectern;

  claim = port: option: { inherit port option; };

  ofStages = lib.concatLists (
    lib.mapAttrsToList (
      name:
      { ports, ... }:
      [
        (claim ports.web "services.lectern.stages.${name}.ports.web")
        (claim ports.rtmp "services.lectern.stages.${name}.ports.rtmp")
        (claim ports.owncastRtmp "services.lectern.stages.${name}.ports.owncastRtmp")
      ]
      ++ lib.optional (ports.keeper != null) (
        claim ports.keeper "services.lectern.stages.${name}.ports.keeper"
      )
      ++ lib.optional (ports.steer != null) (
        claim ports.steer "services.lectern.stages.${name}.ports.steer"
      )
      ++ lib.optional (ports.captions != null) (
        claim ports.captions "services.lectern.stages.${name}.ports.captions"
      )
      ++ lib.optional (ports.admin != null) (
        claim ports.admin "services.lectern.stages.${name}.ports.admin"
      )
    ) cfg.stages
  );

  # No stage can have 80 or 443: they are below 1024.
  ofCaddy = lib.optional (cfg.front == "caddy") (claim 2019 "that of Caddy's own interface");

  # Each collision once, for the later option, with a free port that no other message names.
  addClaim =
    {
      seen,
      taken,
      assertions,
    }:
    { port, option }:
    let
      earlier = lib.findFirst (other: other.port == port) null seen;
      nextFree = candidate: if lib.elem candidate taken then nextFree (candidate + 1) else candidate;
      free = nextFree (port + 1);
      toChange = if lib.elem earlier ofCaddy then "it" else "one of them";
    in
    {
      seen = seen ++ [ (claim port option) ];
      taken = taken ++ lib.optional (earlier != null) free;
      assertions =
        assertions
        ++ lib.optional (earlier != null) {
          assertion = false;
          message = "${option} is ${toString port}, as ${earlier.option} is: change ${toChange}; the next free port is ${toString free}.";
        };
    };
  collisions =
    (lib.foldl' addClaim {
      seen = ofCaddy;
      taken = map ({ port, ... }: port) (ofCaddy ++ ofStages);
      assertions = [ ];
    } ofStages).assertions;

  inherit (config.services) owncast;
  inTheWay = lib.filter ({ port, ... }: port == owncast.port || port == owncast.rtmp-port) ofStages;
in
{
  config.assertions = lib.mkIf cfg.enable (
    collisions
    ++ map (
      { port, option }:
      {
        assertion = !owncast.enable;
        message = "services.owncast.enable starts an Owncast on port ${toString port}, which is ${option}: leave it out, because Lectern starts one for each stage, or give one of them other ports.";
      }
    ) inTheWay
  );
}
