# The same stage with two edges and their secret.
{
  imports = [ ./one.nix ];

  services.lectern.edgeSecret.file = "/run/secrets/edge-secret";
  services.lectern.edges = {
    paris.url = "https://paris.one.test";
    tokyo = {
      url = "https://tokyo.one.test";
      weight = 2;
      networks = [
        "192.0.2.0/24"
        "2001:db8::/32"
      ];
    };
  };
}
