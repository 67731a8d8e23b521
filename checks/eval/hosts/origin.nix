# The same stage as an origin of edges.
{
  imports = [ ./one.nix ];

  services.lectern.edgeSecret.file = "/run/secrets/edge-secret";
}
