# The machine of the article: one virtual server, one public stage.
{ config, lib, ... }:
let
  rootKeys = config.users.users.root.openssh.authorizedKeys.keys;
in
{
  imports = [ ./hardware.nix ];

  networking.hostName = "live";

  services.lectern = {
    enable = true;
    stages.main = {
      domain = "live.nixos.org";
      seed = ../../generated/seeds/live/main.json;
    };
  };

  services.openssh = {
    enable = true;
    settings = {
      PasswordAuthentication = false;
      KbdInteractiveAuthentication = false;
    };
  };

  # Whoever deploys: public keys, one string each, before the first switch.
  users.users.root.openssh.authorizedKeys.keys = [ ];
  warnings = lib.optional (
    rootKeys == [ ]
  ) "users.users.root.openssh.authorizedKeys.keys is empty: nobody can log in to this host over SSH.";

  nix.gc = {
    automatic = true;
    dates = "weekly";
    options = "--delete-older-than 30d";
  };

  # The release this machine was installed with; its upgrades do not change it.
  system.stateVersion = "26.05";
}
