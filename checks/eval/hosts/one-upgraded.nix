# The same host with another Owncast, and with another gate: it listens on IPv4 alone.
{ pkgs, ... }:
{
  imports = [ ./one.nix ];

  services.lectern.stages.main = {
    package = pkgs.owncast.override { version = "0.2.5"; };
    ingest.listen = "0.0.0.0";
  };
}
