# The same stage behind the host's nginx, with certificate files.
{ lib, ... }:
{
  imports = [ ./one.nix ];

  services.lectern = {
    front = "nginx";
    stages.main.tls = lib.mkForce {
      certificate = "/var/lib/certificates/one.test.pem";
      key = "/var/lib/certificates/one.test.key";
    };
  };
}
