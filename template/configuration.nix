# One virtual server with one public stage. What only you know is asked for when you build: the host name, your SSH key,
# the machine's hardware or disk. Every setting of a stage: generated/settings.md in Lectern; every option: docs/options.md.
{ config, ... }:
let
  rootKeys = config.users.users.root.openssh.authorizedKeys.keys;
in
{
  imports = [ ./hardware-configuration.nix ];

  networking.hostName = "live";

  services.lectern = {
    enable = true;
    stages.main = {
      # The name whose DNS records, A and AAAA, point to this machine.
      domain = "live.example.org";

      settings = {
        instance = {
          name = "Public Lecture Series";
          summary = "A lecture every Tuesday at 17:00 UTC, with questions afterwards.";
          tags = [ "lecture" ];
          pageText = ''
            ## Welcome

            The lecture starts on the hour. Put your questions into the chat.
          '';
        };

        video = {
          latency = "low";
          ladder = [
            {
              name = "SD";
              width = 854;
              height = 480;
              framerate = 30;
              bitrateKbps = 1000;
            }
            {
              name = "HD";
              width = 1280;
              height = 720;
              framerate = 30;
              bitrateKbps = 1600;
            }
          ];
        };

        chat.enabled = true;

        # Names, not values: both are made on the host, and `lectern secrets main` says where.
        access = {
          adminPassword.secret = "admin-password";
          streamKeys = [ { secret = "stream-key"; } ];
        };
      };
    };
  };

  # Where the certificates' authority writes to when something is wrong with them.
  services.caddy.email = null;

  services.openssh = {
    enable = true;
    settings = {
      PasswordAuthentication = false;
      KbdInteractiveAuthentication = false;
    };
  };

  # Your public key, one string each: nobody else gets in.
  users.users.root.openssh.authorizedKeys.keys = [ ];

  assertions = [
    {
      assertion = rootKeys != [ ];
      message = "users.users.root.openssh.authorizedKeys.keys is empty: give your public SSH key, or nobody can log in to this host.";
    }
  ];

  # The release this machine was installed with; its upgrades do not change it.
  system.stateVersion = "26.05";
}
