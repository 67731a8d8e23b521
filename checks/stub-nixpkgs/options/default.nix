# The NixOS options that Lectern, its hosts and its checks touch, by their upstream names and no others:
# there is no freeform type, so that a misspelt option fails here as it would there.
{
  imports = [
    ./services.nix
    ./system.nix
    ./systemd.nix
    ./web-servers.nix
  ];
}
