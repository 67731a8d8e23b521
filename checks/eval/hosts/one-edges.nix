# The same stage with two edges.
{
  imports = [ ./one.nix ];

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
