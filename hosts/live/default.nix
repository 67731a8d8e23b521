# The machine of the article: one virtual server, one public stage. What is particular to it stands in this file and in
# hardware.nix; whoever makes it theirs changes domain, e-mail and SSH key.
{ config, lib, ... }:
let
  # Made for this file, and its private half thrown away: it lets nobody in.
  nobodysKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICT7VGBo9NVRI8FMMBogjdVDix7gytT+tPCKGFck8+WY replace-this-key";
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

  # Where Let's Encrypt writes to when something is wrong with the certificate.
  services.caddy.email = "webmaster@nixos.org";

  networking.firewall.enable = true;

  services.openssh = {
    enable = true;
    settings = {
      PasswordAuthentication = false;
      KbdInteractiveAuthentication = false;
    };
  };

  # Whoever deploys: public keys, one string each.
  users.users.root.openssh.authorizedKeys.keys = [ nobodysKey ];
  assertions = [
    {
      assertion = rootKeys != [ ];
      message = "users.users.root.openssh.authorizedKeys.keys is empty: give your public SSH key, or nobody can log in to this host.";
    }
  ];
  warnings = lib.optional (rootKeys == [ nobodysKey ]) ''
    users.users.root.openssh.authorizedKeys.keys holds only the key that hosts/live came with, which is nobody's: give your own, or nobody can log in to this host over SSH.
  '';

  nix = {
    settings.experimental-features = [
      "nix-command"
      "flakes"
    ];
    gc = {
      automatic = true;
      dates = "weekly";
      options = "--delete-older-than 30d";
    };
  };

  # The release this machine was installed with; its upgrades do not change it.
  system.stateVersion = "26.05";
}
