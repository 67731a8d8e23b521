# The same edges, and the stage behind the host's nginx.
{
  imports = [
    ./one-nginx.nix
    ./one-edges.nix
  ];
}
