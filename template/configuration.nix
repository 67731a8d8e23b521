# One virtual server with one public stage. The build asks for what only you know: the host name, your SSH key, the machine's
# hardware or disk. In Lectern, generated/settings.md lists all settings of a stage, and docs/options.md all options.
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

        # Names of secrets, no values. The host makes both; `lectern secrets main` shows where.
        access = {
          adminPassword.secret = "admin-password";
          streamKeys = [ { secret = "stream-key"; } ];
        };
      };
    };
  };

  # The certificate authority writes to this address if something is wrong.
  services.caddy.email = null;

  services.openssh = {
    enable = true;
    settings = {
      PasswordAuthentication = false;
      KbdInteractiveAuthentication = false;
    };
  };

  # Your public keys, one string each. Nobody else can log in.
  users.users.root.openssh.authorizedKeys.keys = [ ];

  assertions = [
    {
      assertion = rootKeys != [ ];
      message = "users.users.root.openssh.authorizedKeys.keys is empty: give your public SSH key, or nobody can log in to this host.";
    }
  ];

  # The NixOS release of the first installation. Do not change it at upgrades.
  system.stateVersion = "26.05";
}
