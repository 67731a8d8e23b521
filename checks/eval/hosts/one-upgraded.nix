# The same host with another Owncast.
{ pkgs, ... }:
{
  imports = [ ./one.nix ];

  services.lectern.stages.main.package = pkgs.owncast.override { version = "0.2.5"; };
}
