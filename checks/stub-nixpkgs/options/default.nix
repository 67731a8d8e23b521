# The NixOS options that Lectern, its hosts and its checks use. Only upstream's names:
# there is no freeform type, so a misspelt option fails here as in NixOS.
{
  imports = [
    ./nginx.nix
    ./services.nix
    ./system.nix
    ./systemd.nix
    ./web-servers.nix
  ];
}
