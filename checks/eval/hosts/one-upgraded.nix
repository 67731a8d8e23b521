# The same host with another Owncast, another Caddy, and another gate, which listens on IPv4 alone.
{ pkgs, ... }:
{
  imports = [ ./one.nix ];

  services.caddy.package = pkgs.caddy.override { version = "2.11.9"; };

  services.lectern.stages.main = {
    package = pkgs.owncast.override { version = "0.2.5"; };
    ingest.listen = "0.0.0.0";
  };
}
