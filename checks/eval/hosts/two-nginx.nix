# The same two stages behind the host's nginx, which has no HTTP/3.
{ lib, ... }:
{
  imports = [
    ./one-nginx.nix
    ./two.nix
  ];

  services.lectern = {
    http3.enable = lib.mkForce false;
    stages.second.tls = lib.mkForce {
      certificate = "/var/lib/certificates/two.test.pem";
      key = "/var/lib/certificates/two.test.key";
    };
  };
}
