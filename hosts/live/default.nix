# The article's machine: one virtual server with one public stage. All that is special about it is in this file and in
# hardware.nix. For a machine of your own, change domain, e-mail address and SSH key.
{ config, lib, ... }:
let
  # Made for this file. Its private key was deleted, so it lets nobody in.
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

  # Let's Encrypt writes to this address if something is wrong with the certificate.
  services.caddy.email = "webmaster@nixos.org";

  networking.firewall.enable = true;

  services.openssh = {
    enable = true;
    settings = {
      PasswordAuthentication = false;
      KbdInteractiveAuthentication = false;
    };
  };

  # Public keys of the people who deploy, one string each.
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

  # The NixOS release of the first installation. Do not change it at upgrades.
  system.stateVersion = "26.05";
}
