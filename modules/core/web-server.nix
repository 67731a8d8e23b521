# What the other files need to know of the web server in front of the stages, whichever it is.
{ config, lib, ... }:
let
  inherit (import ./lib/stage-option.nix { inherit lib; }) internal;
  inherit (config.services) caddy nginx lectern;
  servers = {
    caddy = {
      name = "Caddy";
      inherit (caddy) user group;
      unit = "caddy.service";
    };
    nginx = {
      name = "nginx";
      inherit (nginx) user group;
      unit = "nginx.service";
    };
  };
in
{
  options.services.lectern.webServer = internal "The web server in front of the stages: its name, user, group and unit.";
  config.services.lectern.webServer = servers.${lectern.front};
}
